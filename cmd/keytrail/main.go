// Command keytrail answers who touched a DynamoDB item, when, how and from
// where, from CloudTrail's objects in S3.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/keytrail/keytrail/schema"
)

func main() {
	collectLater()
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// collectLater has memory collected the first time at 32 MB instead of 4, and after that
// as ever: a short question is over by then.
func collectLater() {
	if os.Getenv("GOGC") != "" {
		return // somebody knows better
	}
	usual := debug.SetGCPercent(800)
	garbage := new([]string) // found by the first collection
	runtime.AddCleanup(garbage, func(percent int) { debug.SetGCPercent(percent) }, usual)
}

// run is the whole program: it returns its exit status.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := interruptible(context.Background())
	defer stop()
	root := newRootCmd()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err != nil && errors.Is(context.Cause(ctx), errInterrupted) {
		err = errInterrupted
	}
	return exitStatus(stderr, err)
}

// interruptible returns a context that the first SIGINT or SIGTERM cancels: what
// is going on is put in order and the lease given back, which takes seconds at most.
// A second one ends the program on the spot.
func interruptible(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		select {
		case <-signals:
			cancel(errInterrupted)
		case <-done:
			return
		}
		select {
		case <-signals:
			os.Exit(exitInterrupted)
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}

func newRootCmd() *cobra.Command {
	var stores storeFlags
	root := &cobra.Command{
		Use:   "keytrail",
		Short: "Who touched this DynamoDB item, when, how and from where",
		Long: `keytrail turns the CloudTrail objects in an S3 bucket or a directory into a lake:
Parquet files partitioned by table and day, with one row per DynamoDB item
touched. Then it answers who touched an item.`,
		Example: `  # Try it on made-up logs.
  keytrail sample --out logs --events 20000
  keytrail ingest logs --lake lake
  keytrail who customers 'pk=customer#1042' --lake lake

  # The trail of an account, into a bucket of your own.
  keytrail ingest s3://my-trail-bucket --lake s3://my-audit-lake`,
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no command %q; %q lists them", args[0], "keytrail help")
			}
			return cmd.Help()
		},
		PersistentPreRun: func(cmd *cobra.Command, _ []string) {
			cmd.SetContext(stores.attach(cmd.Context()))
		},
	}
	stores.register(root.PersistentFlags())
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%v; %q shows the flags", err, cmd.CommandPath()+" --help")
	})
	root.SetUsageTemplate(root.UsageTemplate() + exitStatusHelp)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(newSampleCmd(), newIngestCmd(), newWhoCmd(), newTopCmd(), newDiffCmd(), newTablesCmd(), newUnexpectedCmd(), newDetectionsCmd(),
		newAnomaliesCmd(), newFindingsCmd(), newNightlyCmd(), newReportCmd(), newVerifyCmd(), newForgetCmd(), newPruneCmd(), newSetupCmd(), newDDLCmd())
	return root
}

// version is the module's version, and the commit it was built from where the
// build knows it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v += " " + s.Value
		}
	}
	return v + ", schema " + schema.Version
}
