// Decides requests; one line of JSON is a role with its requests, or an answer.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { runUnsafeSimulation } = await import(pathToFileURL(process.argv[2]).href);

const ACCOUNT = "123456789012";

function decided({ policy, boundary, requests }) {
  return requests.map(([action, resource, contextVariables]) =>
    runUnsafeSimulation(
      {
        identityPolicies: [{ name: "policy", policy }],
        permissionBoundaryPolicies: boundary && [{ name: "boundary", policy: boundary }],
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        request: {
          principal: `arn:aws:iam::${ACCOUNT}:role/role`,
          action,
          resource: { resource, accountId: ACCOUNT },
          contextVariables,
        },
      },
      {},
    ),
  );
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(decided(JSON.parse(line))) + "\n");
}
