package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"time"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/digest"
	"github.com/keytrail/keytrail/engine/digest/awskeys"
)

// keyring says where CloudTrail's public keys come from.
type keyring struct {
	file string // as list-public-keys prints them; empty: CloudTrail is asked
	save string // where to keep those that it gave; may be empty
}

func (k keyring) get(ctx context.Context, inputs []engine.Input, from, to string) (*digest.Keys, error) {
	if k.file != "" {
		return readPublicKeys(k.file)
	}
	keys := new(digest.Keys)
	o := s3Options(ctx)
	for _, in := range inputs {
		regions, err := digest.Regions(ctx, in.Source, in.Prefix, from, to)
		if err != nil {
			return nil, fmt.Errorf("find digests of %s: %w", in.Source.URL()+in.Prefix, err)
		}
		err = awskeys.Fetch(ctx, keys, regions, time.Now(), awskeys.Options{Profile: o.Profile, RoleARN: o.RoleARN, ExternalID: o.ExternalID})
		if err != nil {
			return nil, err
		}
	}
	if k.save != "" && keys.Len() > 0 { // else the report says that digests or keys are wanting
		return keys, savePublicKeys(k.save, keys)
	}
	return keys, nil
}

func readPublicKeys(path string) (*digest.Keys, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("public keys: %w", err)
	}
	defer f.Close()
	keys, err := digest.ReadKeys(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return keys, nil
}

func savePublicKeys(path string, keys *digest.Keys) error {
	var text bytes.Buffer
	if err := keys.Write(&text); err != nil {
		return err
	}
	if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
		return fmt.Errorf("save public keys: %w", err)
	}
	return nil
}
