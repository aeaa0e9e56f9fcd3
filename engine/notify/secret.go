package notify

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// Secret says where a secret is: in a file or a variable of the environment, never in
// the configuration. It is read when it is used, so that one changed while the program
// runs counts, and printing it prints where it is.
type Secret struct {
	Env  string `yaml:"env"`
	File string `yaml:"file"`
}

// Set reports whether there is one.
func (s Secret) Set() bool { return s.Env != "" || s.File != "" }

// Get reads the secret, less white space around it.
func (s Secret) Get() (string, error) {
	var text string
	switch {
	case s.File != "" && s.Env != "":
		return "", errors.New("a secret is either in a file or in the environment")
	case s.File != "":
		data, err := os.ReadFile(s.File)
		if err != nil {
			return "", fmt.Errorf("secret: %w", err)
		}
		text = string(data)
	case s.Env != "":
		text = os.Getenv(s.Env)
	default:
		return "", errors.New("no secret is configured")
	}
	if text = strings.TrimSpace(text); text == "" {
		return "", fmt.Errorf("the secret in %s is empty", s)
	}
	return text, nil
}

func (s Secret) String() string {
	if s.File != "" {
		return "file " + s.File
	}
	return "$" + s.Env
}
