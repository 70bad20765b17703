// Runs one operation on a stack whose program is example.ts, without a language host.
import { InlineProgramArgs, LocalWorkspace, PulumiCommand } from "@pulumi/pulumi/automation";

const [operation, stackName, workDir, root] = process.argv.slice(2);

async function main() {
    const program: InlineProgramArgs["program"] = async () => ({
        ...(await import("./example")),
    });
    const stack = await LocalWorkspace.createOrSelectStack(
        { stackName, projectName: "example", program },
        { workDir, pulumiCommand: await PulumiCommand.get({ root }) },
    );
    if (operation === "up") {
        await stack.up({ onOutput: console.log });
    } else {
        await stack.preview({ onOutput: console.log, expectNoChanges: true });
    }
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
