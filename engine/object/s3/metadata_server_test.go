package s3

import (
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/keytrail/keytrail/engine/object/s3/s3test"
)

// A real server keeps metadata under names that it may spell its own way.
func TestMetadataOfServer(t *testing.T) {
	server := s3test.Start(t)
	store, err := Open(t.Context(), "s3://"+server.NewBucket(t)+"/some/prefix", Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"signature": strings.Repeat("0a", 256), "backfill-generation-timestamp": "2026-03-03T01:00:00Z"}
	_, err = store.client.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: &store.bucket, Key: aws.String("some/prefix/a/digest"), Body: strings.NewReader("x"), Metadata: want,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := store.Metadata(t.Context(), "a/digest"); err != nil || !maps.Equal(got, want) {
		t.Errorf("metadata %v, %v; want %v", got, err, want)
	}
}
