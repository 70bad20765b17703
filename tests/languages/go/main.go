// Runs one operation on a stack whose program is the page's example, without a language
// host; the example calls run where a program of one's own calls pulumi.Run.
package main

import (
	"context"
	"log"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func run(program pulumi.RunFunc) {
	ctx := context.Background()
	command, err := auto.NewPulumiCommand(&auto.PulumiCommandOptions{Root: os.Args[4]})
	must(err)
	stack, err := auto.UpsertStackInlineSource(ctx, os.Args[2], "example", program,
		auto.WorkDir(os.Args[3]), auto.Pulumi(command))
	must(err)
	if os.Args[1] == "up" {
		_, err = stack.Up(ctx, optup.ProgressStreams(os.Stdout))
	} else {
		_, err = stack.Preview(ctx, optpreview.ProgressStreams(os.Stdout), optpreview.ExpectNoChanges())
	}
	must(err)
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
