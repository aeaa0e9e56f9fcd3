// Command s3server serves a directory as S3, for tests: an object is a plain
// file under ROOT/bucket/key.
//
// It prints its endpoint once it answers, and ends on SIGTERM or when its
// standard input is closed, so that it does not outlive a test that was killed.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
)

const health = "/healthz"

func main() {
	log.SetFlags(0)
	log.SetPrefix("s3server: ")
	root := flag.String("root", "", "directory that holds the buckets")
	access := flag.String("access", "", "access key")
	secret := flag.String("secret", "", "secret key")
	port := flag.Int("port", 0, "TCP port on 127.0.0.1; 0 picks a free one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	go func() {
		<-ctx.Done()
		os.Exit(0) // at once: a graceful end waits for clients to hang up
	}()
	log.Fatal(serve(ctx, *root, *access, *secret, *port))
}

func serve(ctx context.Context, root, access, secret string, port int) error {
	if root == "" {
		return fmt.Errorf("--root is missing")
	}
	root, err := filepath.Abs(root) // the backend changes the working directory
	if err != nil {
		return err
	}
	address, err := pick(port)
	if err != nil {
		return err
	}
	opts := posix.PosixOpts{CopyObjectThreshold: 5 << 30}
	attributes, err := store(root, &opts)
	if err != nil {
		return err
	}
	backend, err := posix.New(root, attributes, opts)
	if err != nil {
		return err
	}
	out := os.Stdout
	if os.Stdout, err = os.OpenFile(os.DevNull, os.O_WRONLY, 0); err != nil { // the server's greetings
		return err
	}
	go announce(ctx, out, "http://"+address)
	return embedgw.RunVersityGW(ctx, backend, &embedgw.Config{
		RootUserAccess: access, RootUserSecret: secret,
		Ports: []string{address}, HealthPath: health, KeepAlive: true, Quiet: true,
		MaxConnections: 4096, MaxRequests: 4096, MultipartMaxParts: 10_000,
	})
}

// store picks where ETags and other attributes are kept: with the files, or
// beside the root where the file system has no user attributes.
func store(root string, opts *posix.PosixOpts) (meta.MetadataStorer, error) {
	if (meta.XattrMeta{}).Test(root) == nil {
		return meta.XattrMeta{}, nil
	}
	opts.SideCarDir = root + ".attributes"
	if err := os.MkdirAll(opts.SideCarDir, 0o700); err != nil {
		return nil, err
	}
	return meta.NewSideCar(opts.SideCarDir)
}

// pick returns an address that nobody listens on.
func pick(port int) (string, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// announce prints the endpoint as soon as it answers.
func announce(ctx context.Context, out io.Writer, endpoint string) {
	for ctx.Err() == nil {
		if r, err := http.Get(endpoint + health); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				fmt.Fprintln(out, endpoint)
				return
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
}
