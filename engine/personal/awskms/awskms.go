// Package awskms decrypts secrets with AWS KMS.
package awskms

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keytrail/keytrail/engine/awsclient"
)

// Client decrypts. It is safe for concurrent use, and reads the AWS configuration when it
// is asked for the first time.
type Client struct {
	options awsclient.Options
	once    sync.Once
	client  *kms.Client
	err     error
}

// New returns a client. The Region is that of the key that encrypted.
func New(o awsclient.Options) *Client { return &Client{options: o} }

// Decrypt returns what a ciphertext was made from. It says itself with which key, so the
// caller needs kms:Decrypt on that and nothing else.
func (c *Client) Decrypt(ctx context.Context, ciphertext []byte) ([]byte, error) {
	c.once.Do(func() { c.client, c.err = open(ctx, c.options) })
	if c.err != nil {
		return nil, c.err
	}
	out, err := c.client.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: ciphertext})
	if err != nil {
		return nil, fail(ctx, err)
	}
	return out.Plaintext, nil
}

func open(ctx context.Context, o awsclient.Options) (*kms.Client, error) {
	cfg, err := awsclient.Load(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("%w: check the AWS configuration files and variables", err)
	}
	if cfg.Region == "" {
		return nil, errors.New("no Region: give that of the KMS key with --region or AWS_REGION")
	}
	return kms.NewFromConfig(cfg), nil
}

// fail turns an error of the SDK into one that names the cause and what to do about it.
func fail(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	code, said, ok := awsclient.Answer(err)
	if !ok {
		return fmt.Errorf("KMS could not be asked (%w): check the network, the Region, the credentials and AWS_ENDPOINT_URL", awsclient.Innermost(err))
	}
	return &awsclient.Fault{Msg: said + ": " + hint(code), Err: err}
}

// hint says what to do about a code of the service (KMS API Reference, Decrypt).
func hint(code string) string {
	switch code {
	case "AccessDeniedException":
		return "allow kms:Decrypt on the key that encrypted the secret, in the key's policy or the role's"
	case "InvalidCiphertextException", "IncorrectKeyException":
		return "the file is no ciphertext of a key in this account and Region, or was made with an encryption context; make one with \"aws kms generate-data-key --query CiphertextBlob --output text\""
	case "DisabledException", "KMSInvalidStateException":
		return "the key is disabled or about to be deleted: switch it on again"
	case "NotFoundException":
		return "the key is in another Region, or gone: set --region"
	case "ExpiredTokenException", "UnrecognizedClientException", "InvalidSignatureException":
		return "the credentials are not good: sign in again, or check AWS_PROFILE"
	}
	return "run again later"
}
