package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/pflag"

	"github.com/keytrail/keytrail/queries/policy"
)

func addCatalogueFlag(flags *pflag.FlagSet, path *string) {
	flags.StringVar(path, "catalogue", "", "file that tells what care tables need where the policy does not: YAML with tables and table_tags\n"+
		"of a policy, or the JSON of aws resourcegroupstaggingapi get-resources")
}

// withCatalogue is a policy, which may be nil, with a file of --catalogue, if there is one.
func withCatalogue(p *policy.Policy, path string) (*policy.Policy, error) {
	if path == "" {
		return p, nil
	}
	p, err := catalogued(p, path)
	if err != nil {
		return nil, usagef("--catalogue: %v", err)
	}
	return p, nil
}

// catalogued is a policy with the catalogue in a file.
func catalogued(p *policy.Policy, path string) (*policy.Policy, error) {
	c, err := readCatalogue(path)
	if err != nil {
		return nil, err
	}
	return p.WithCatalogue(c)
}

// readCatalogue reads a file that is not larger than a catalogue is.
func readCatalogue(path string) (*policy.Catalogue, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, policy.MaxCatalogue+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return policy.ParseCatalogue(path, data)
}
