package awskms

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/keytrail/keytrail/engine/awsclient"
)

// service is a KMS that decrypts "sealed" and refuses all else.
func service(t *testing.T, region string) (url string, asked *atomic.Int64) {
	t.Helper()
	asked = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.Header.Get("X-Amz-Target") != "TrentService.Decrypt" || !strings.Contains(r.Header.Get("Authorization"), "/"+region+"/kms/") {
			t.Errorf("asked for %v", r.Header)
		}
		var in struct{ CiphertextBlob []byte }
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(body, &in)
		}
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if string(in.CiphertextBlob) == "sealed" {
			fmt.Fprintf(w, `{"KeyId":"arn:aws:kms:eu-west-1:111122223333:key/k","Plaintext":%q,"EncryptionAlgorithm":"SYMMETRIC_DEFAULT"}`,
				base64.StdEncoding.EncodeToString([]byte("the secret of all secrets, 32 by")))
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"__type":%q,"message":"not this one"}`, string(in.CiphertextBlob))
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

func credentials(t *testing.T) {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": "none", "AWS_SHARED_CREDENTIALS_FILE": "none", "AWS_REGION": "",
	} {
		t.Setenv(name, value)
	}
}

func TestDecrypt(t *testing.T) {
	credentials(t)
	url, asked := service(t, "eu-west-1")
	t.Setenv("AWS_ENDPOINT_URL_KMS", url)
	client := New(awsclient.Options{Region: "eu-west-1"})
	if asked.Load() != 0 {
		t.Error("was asked before there was anything to decrypt")
	}
	got, err := client.Decrypt(t.Context(), []byte("sealed"))
	if err != nil || string(got) != "the secret of all secrets, 32 by" || asked.Load() != 1 {
		t.Fatalf("%q, %v, asked %d times", got, err, asked.Load())
	}
	for code, hint := range map[string]string{
		"AccessDeniedException":      "allow kms:Decrypt",
		"InvalidCiphertextException": "no ciphertext",
		"DisabledException":          "switch it on",
		"NotFoundException":          "set --region",
	} {
		_, err := client.Decrypt(t.Context(), []byte(code))
		if err == nil || !strings.Contains(err.Error(), hint) || !strings.Contains(err.Error(), code) || strings.ContainsRune(err.Error(), '\n') {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestDecryptUnreachable(t *testing.T) {
	credentials(t)
	t.Setenv("AWS_ENDPOINT_URL_KMS", "http://127.0.0.1:1")
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	if _, err := New(awsclient.Options{Region: "eu-west-1"}).Decrypt(t.Context(), []byte("sealed")); err == nil || !strings.Contains(err.Error(), "could not be asked") {
		t.Errorf("no server: %v", err)
	}
	if _, err := New(awsclient.Options{}).Decrypt(t.Context(), []byte("sealed")); err == nil || !strings.Contains(err.Error(), "--region") {
		t.Errorf("no Region: %v", err)
	}
}
