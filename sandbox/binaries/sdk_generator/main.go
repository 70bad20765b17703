// Command sdk_generator writes the SDKs of a Pulumi package from its schema, with the
// generators that the language hosts of Python, Node.js and Go call.
//
// It is for languages whose host is not at hand; `pulumi package gen-sdk` needs it.
// Usage: sdk_generator schema.json folder
package main

import (
	"encoding/json"
	"log"
	"os"
	"path/filepath"

	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// noPackages loads none: the schema refers to no other package.
type noPackages struct{ schema.ReferenceLoader }

func main() {
	text, err := os.ReadFile(os.Args[1])
	must(err)
	var spec schema.PackageSpec
	must(json.Unmarshal(text, &spec))
	pkg, diagnostics, err := schema.BindSpec(spec, noPackages{}, schema.ValidationOptions{})
	must(err)
	if len(diagnostics) > 0 {
		log.Fatal(diagnostics)
	}

	tool := "sdk_generator"
	files, err := python.GeneratePackage(tool, pkg, nil, noPackages{})
	must(err)
	write("python", files)
	files, err = nodejs.GeneratePackage(tool, pkg, nil, nil, true, noPackages{})
	must(err)
	write("nodejs", files)
	files, err = gogen.GeneratePackage(tool, pkg, nil)
	must(err)
	write("go", files)
}

func write(language string, files map[string][]byte) {
	for name, text := range files {
		path := filepath.Join(os.Args[2], language, name)
		must(os.MkdirAll(filepath.Dir(path), 0o755))
		must(os.WriteFile(path, text, 0o644))
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
