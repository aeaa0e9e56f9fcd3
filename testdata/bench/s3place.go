package main

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Credentials of a server that nobody else can reach.
const serverKey, secretKey = "KEYTRAILBENCH", "not-a-secret"

// startServer serves a directory as S3 and returns the endpoint. The server ends
// when stop is called, or when this process does.
func startServer(binary, root string) (endpoint string, stop func(), err error) {
	cmd := exec.Command(binary, "-root", root, "-access", serverKey, "-secret", secretKey)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		stdin.Close()
		io.Copy(io.Discard, stdout)
		cmd.Wait()
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("the S3 server did not start: %w", err)
	}
	return strings.TrimSpace(line), stop, nil
}

// useServer points the AWS environment of the commands that we run at an endpoint,
// and at nothing else.
func useServer(endpoint, scratch string) error {
	none := filepath.Join(scratch, "none")
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID":           serverKey,
		"AWS_SECRET_ACCESS_KEY":       secretKey,
		"AWS_SESSION_TOKEN":           "",
		"AWS_REGION":                  "us-east-1",
		"AWS_ENDPOINT_URL":            endpoint,
		"AWS_ENDPOINT_URL_S3":         "",
		"AWS_PROFILE":                 "",
		"AWS_CONFIG_FILE":             none,
		"AWS_SHARED_CREDENTIALS_FILE": none,
		"AWS_EC2_METADATA_DISABLED":   "true",
	} {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// linkTree makes a bucket of a directory: the server keeps objects as plain files.
func linkTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o777)
		}
		return os.Link(path, filepath.Join(to, rel))
	})
}
