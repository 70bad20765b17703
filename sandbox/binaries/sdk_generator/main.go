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

func main() {
	text, err := os.ReadFile(os.Args[1])
	must(err)
	var spec schema.PackageSpec
	must(json.Unmarshal(text, &spec))
	// The schema refers to no other package, so none has to be loaded.
	pkg, diagnostics, err := schema.BindSpec(spec, nil, schema.ValidationOptions{})
	must(err)
	if len(diagnostics) > 0 {
		log.Fatal(diagnostics)
	}

	tool := "sdk_generator"
	files, err := python.GeneratePackage(tool, pkg, nil, nil)
	must(err)
	write("python", files)
	files, err = nodejs.GeneratePackage(tool, pkg, nil, nil, true, nil)
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
