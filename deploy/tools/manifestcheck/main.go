// Command manifestcheck builds kustomize overlays and checks every object: against the
// Kubernetes schemas (committed, so no network is needed), and against our own rules for
// pods: non-root, read-only root, no privileges, probes, resources, no secret in the
// environment. It prints each fault with its object and ends with 1 when there is one.
//
//	manifestcheck ../overlays/local ../overlays/local-mtls
package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

//go:embed kubernetes-1.34.4.json
var schemas []byte

func main() {
	checker, err := newChecker()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	failed := false
	for _, dir := range os.Args[1:] {
		objects, faults := checker.overlay(dir)
		for _, f := range faults {
			failed = true
			fmt.Printf("%s: %s\n", dir, f)
		}
		fmt.Printf("%s: %d objects, %d faults\n", dir, objects, len(faults))
	}
	if failed || len(os.Args) < 2 {
		os.Exit(1)
	}
}

type checker struct {
	compiler *jsonschema.Compiler
	kinds    map[string]string // "apps/v1 Deployment" -> schema location
}

func newChecker() (*checker, error) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(schemas)))
	if err != nil {
		return nil, err
	}
	c := &checker{compiler: jsonschema.NewCompiler(), kinds: map[string]string{}}
	c.compiler.DefaultDraft(jsonschema.Draft7)
	if err := c.compiler.AddResource("mem:///k8s.json", doc); err != nil {
		return nil, err
	}
	for name, def := range doc.(map[string]any)["definitions"].(map[string]any) {
		gvks, _ := def.(map[string]any)["x-kubernetes-group-version-kind"].([]any)
		for _, g := range gvks {
			m := g.(map[string]any)
			version := strings.TrimPrefix(fmt.Sprintf("%v/%v", m["group"], m["version"]), "/")
			c.kinds[fmt.Sprintf("%s %v", version, m["kind"])] = "mem:///k8s.json#/definitions/" + name
		}
	}
	return c, nil
}

func (c *checker) overlay(dir string) (objects int, faults []string) {
	res, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		return 0, []string{err.Error()}
	}
	for _, r := range res.Resources() {
		raw, err := r.MarshalJSON()
		if err != nil {
			return len(res.Resources()), append(faults, err.Error())
		}
		name := r.GetKind() + "/" + r.GetName()
		for _, f := range c.object(raw) {
			faults = append(faults, name+": "+f)
		}
	}
	return len(res.Resources()), faults
}

func (c *checker) object(raw []byte) []string {
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		return []string{err.Error()}
	}
	m := value.(map[string]any)
	location, ok := c.kinds[fmt.Sprintf("%v %v", m["apiVersion"], m["kind"])]
	if !ok {
		return []string{fmt.Sprintf("kind %v %v is not one that we deploy", m["apiVersion"], m["kind"])}
	}
	schema, err := c.compiler.Compile(location)
	if err != nil {
		return []string{err.Error()}
	}
	var faults []string
	if err := schema.Validate(value); err != nil {
		faults = append(faults, strings.ReplaceAll(err.Error(), "\n", " "))
	}
	var w workload
	if err := json.Unmarshal(raw, &w); err == nil && len(w.Spec.Template.Spec.Containers) > 0 {
		faults = append(faults, w.faults()...)
	}
	return faults
}
