package nightly

import (
	_ "embed"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/keytrail/keytrail/engine/notify"
	"github.com/keytrail/keytrail/engine/yamlfile"
	"github.com/keytrail/keytrail/schema"
)

// Example is a configuration with all there is to say, and what it means.
//
//go:embed example.yaml
var Example string

// Config is what a night is to do. Files are relative to where the command runs.
type Config struct {
	Sources []string `yaml:"sources"` // directories or s3://bucket/prefix
	Lake    string   `yaml:"lake"`
	Memory  string   `yaml:"memory"`   // of ingest: 1GiB
	TempDir string   `yaml:"temp_dir"` // where ingest spills
	Keys    Keys     `yaml:"keys"`
	Settle  string   `yaml:"settle"` // how long after its end a day is judged: 30m

	Policy       string `yaml:"policy"`
	Catalogue    string `yaml:"catalogue"` // what the policy does not say of tables
	Detections   string `yaml:"detections"`
	Suppressions string `yaml:"suppressions"`
	Calendar     string `yaml:"calendar"`
	Retention    string `yaml:"retention"` // how long what is kept; none: all for good

	FirstDays int `yaml:"first_days"` // days judged by the first run
	CatchUp   int `yaml:"catch_up"`   // days that one run catches up
	LookBack  int `yaml:"look_back"`  // days back that are judged again when late records changed them

	Verify  Verify  `yaml:"verify"`
	Alerts  Alerts  `yaml:"alerts"`
	Reports []Hook  `yaml:"reports"`
	Metrics Metrics `yaml:"metrics"`
	Ping    Ping    `yaml:"ping"`
	FailOn  string  `yaml:"fail_on"` // severity of findings that makes the exit status 4
}

// Keys says what becomes of the values of items' keys, in the words of ingest's --key-mode
// and --key-secret.
type Keys struct {
	Modes   []string `yaml:"modes"`
	Secrets []string `yaml:"secrets"` // where they are, never what
}

// Verify says what is checked of the lake.
type Verify struct {
	Full       string `yaml:"full"` // never, weekly (on Sundays) or nightly
	Digests    bool   `yaml:"digests"`
	PublicKeys string `yaml:"public_keys"` // file with CloudTrail's keys; none: ask CloudTrail
}

// Alerts says who is told what.
type Alerts struct {
	Spool    string    `yaml:"spool"`
	Channels []Channel `yaml:"channels"`
}

// Channel is one place to tell; exactly one of its services is set.
type Channel struct {
	ID          string `yaml:"id"`
	MinSeverity string `yaml:"min_severity"` // of findings it hears of
	QuietNights bool   `yaml:"quiet_nights"` // hears of nights without anything, too

	Slack   *Slack   `yaml:"slack"`
	Webhook *Webhook `yaml:"webhook"`
	SNS     *SNS     `yaml:"sns"`
	Stdout  bool     `yaml:"stdout"`
}

// Slack is an incoming webhook of Slack.
type Slack struct {
	URL          notify.Secret `yaml:"url"`
	AllowPrivate bool          `yaml:"allow_private"`
}

// Webhook is a service of one's own.
type Webhook struct {
	URL          notify.Secret `yaml:"url"`
	Secret       notify.Secret `yaml:"secret"`
	AllowPrivate bool          `yaml:"allow_private"`
}

// SNS is a topic.
type SNS struct {
	TopicARN string `yaml:"topic_arn"`
	Endpoint string `yaml:"endpoint"`
}

// Hook is a command that makes a report, run after the alerts. It gets KEYTRAIL_RUN_ID,
// KEYTRAIL_LAKE and KEYTRAIL_DAYS (comma-separated) in its environment.
type Hook struct {
	Name    string   `yaml:"name"`
	Command []string `yaml:"command"`
	Timeout string   `yaml:"timeout"`
}

// Metrics says where numbers go.
type Metrics struct {
	Textfile string `yaml:"textfile"` // for Prometheus's node exporter
	EMF      string `yaml:"emf"`      // file, or "-" for stdout: CloudWatch embedded metric format
	// Namespace is CloudWatch's.
	Namespace string `yaml:"namespace"`
}

// Ping is asked for when a run is over: a dead man's switch sounds when it is not.
type Ping struct {
	Success      notify.Secret `yaml:"success"`
	Failure      notify.Secret `yaml:"failure"`
	AllowPrivate bool          `yaml:"allow_private"`
}

// Defaults are what a configuration need not say.
func Defaults() Config {
	return Config{
		Memory: "1GiB", Settle: "30m", FirstDays: 1, CatchUp: 31, LookBack: 30, FailOn: "critical",
		Verify: Verify{Full: "weekly"}, Metrics: Metrics{Namespace: "keytrail"},
	}
}

// ParseConfig reads a configuration. name is what the file is called in errors.
func ParseConfig(name string, data []byte) (*Config, error) {
	c := Defaults()
	file, err := yamlfile.Read(name, data, &c)
	if err != nil {
		// Who writes a secret where only its place belongs is told so, and not with it.
		if strings.Contains(err.Error(), "string was used where mapping is expected") {
			err = fmt.Errorf("%w: write what belongs there as {name: value}; a secret as {env: NAME} or {file: PATH}, never here", err)
		}
		return nil, err
	}
	var wrong []error
	for _, why := range c.wrong() {
		key, _, _ := strings.Cut(why, ":") // each begins with the key it is about
		wrong = append(wrong, file.Errorf(key, "%s", why))
	}
	return &c, errors.Join(wrong...)
}

func (c *Config) wrong() (all []string) {
	say := func(format string, a ...any) { all = append(all, fmt.Sprintf(format, a...)) }
	if len(c.Sources) == 0 || slices.Contains(c.Sources, "") {
		say("sources: name where the logs lie, a directory or s3://bucket/prefix")
	}
	if c.Lake == "" {
		say("lake: name a directory or s3://bucket/prefix")
	}
	if n, err := humanize.ParseBytes(c.Memory); err != nil || n < 128<<20 {
		say("memory: %q is no size of at least 128 MiB: write it as 1GiB", c.Memory)
	}
	if d, err := time.ParseDuration(c.Settle); err != nil || d < 0 || d > 48*time.Hour {
		say("settle: %q is no time of at most 48h: write it as 30m", c.Settle)
	}
	if c.FirstDays < 1 || c.CatchUp < 1 || c.LookBack < 0 {
		say("first_days: it and catch_up must be at least 1, look_back at least 0")
	}
	if !slices.Contains([]string{"never", "weekly", "nightly"}, c.Verify.Full) {
		say("verify.full: %q is none of never, weekly, nightly", c.Verify.Full)
	}
	if _, err := schema.ParseSeverity(c.FailOn); c.FailOn != "never" && err != nil {
		say("fail_on: %v, never", err)
	}
	ids := map[string]bool{}
	for i := range c.Alerts.Channels {
		ch := &c.Alerts.Channels[i]
		if ch.ID == "" {
			ch.ID = fmt.Sprintf("channel-%d", i+1)
		}
		if !channelID.MatchString(ch.ID) { // it names files in the spool
			say("alerts.channels: %q: an id is of letters, digits, - and _, at most 64", ch.ID)
		}
		if ids[ch.ID] {
			say("alerts.channels: two are called %q", ch.ID)
		}
		ids[ch.ID] = true
		for _, why := range ch.wrong() {
			say("alerts.channels: %s: %s", ch.ID, why)
		}
		if c.Alerts.Spool == "" && !ch.Stdout {
			say("alerts.spool: name a directory for messages that cannot be sent at once")
		}
	}
	for i, h := range c.Reports {
		if len(h.Command) == 0 {
			say("reports: number %d has no command", i+1)
		}
		if d, err := h.timeout(); err != nil || d <= 0 {
			say("reports: number %d: timeout: %q is no time: write it as 10m", i+1, h.Timeout)
		}
	}
	if ns := c.Metrics.Namespace; c.Metrics.EMF != "" && (ns == "" || len(ns) > 255 || strings.HasPrefix(ns, "AWS/")) {
		say("metrics.namespace: %q is none of CloudWatch's: 1 to 255 characters, not beginning with AWS/", ns)
	}
	return slices.Compact(all)
}

var (
	topicARN  = regexp.MustCompile(`^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+$`)
	channelID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
)

// Secrets reports which secrets are not there, so that it is known before a night begins
// and not when there is something to tell.
func (c *Config) Secrets() error {
	var missing []error
	ask := func(what string, s notify.Secret) {
		if !s.Set() {
			return
		}
		if _, err := s.Get(); err != nil {
			missing = append(missing, fmt.Errorf("%s: %w", what, err))
		}
	}
	for i := range c.Alerts.Channels {
		ch := &c.Alerts.Channels[i]
		if ch.Slack != nil {
			ask(ch.ID+": slack.url", ch.Slack.URL)
		}
		if ch.Webhook != nil {
			ask(ch.ID+": webhook.url", ch.Webhook.URL)
			ask(ch.ID+": webhook.secret", ch.Webhook.Secret)
		}
	}
	ask("ping.success", c.Ping.Success)
	ask("ping.failure", c.Ping.Failure)
	return errors.Join(missing...)
}

func (ch *Channel) wrong() (all []string) {
	services := 0
	for _, is := range []bool{ch.Slack != nil, ch.Webhook != nil, ch.SNS != nil, ch.Stdout} {
		if is {
			services++
		}
	}
	if services != 1 {
		all = append(all, "say exactly one of slack, webhook, sns, stdout")
	}
	if _, err := ch.Severity(); err != nil {
		all = append(all, "min_severity: "+err.Error())
	}
	if ch.Slack != nil && !ch.Slack.URL.Set() {
		all = append(all, "slack.url: say where the address is, as {env: NAME} or {file: PATH}: it is a secret")
	}
	if ch.Webhook != nil && !ch.Webhook.URL.Set() {
		all = append(all, "webhook.url: say where the address is, as {env: NAME} or {file: PATH}: it is a secret")
	}
	if ch.SNS != nil && !topicARN.MatchString(ch.SNS.TopicARN) {
		all = append(all, fmt.Sprintf("sns.topic_arn: %q names no topic: write it as arn:aws:sns:eu-west-1:111122223333:name", ch.SNS.TopicARN))
	}
	return all
}

// Severity is the least that the channel hears of.
func (ch *Channel) Severity() (schema.Severity, error) {
	if ch.MinSeverity == "" {
		return schema.SeverityMedium, nil
	}
	return schema.ParseSeverity(ch.MinSeverity)
}

// FailsOn is the least severity that makes a run's status 4; ok is false for never.
func (c *Config) FailsOn() (s schema.Severity, ok bool) {
	s, err := schema.ParseSeverity(c.FailOn)
	return s, err == nil
}

// SettleTime is [Config.Settle].
func (c *Config) SettleTime() time.Duration {
	d, err := time.ParseDuration(c.Settle)
	if err != nil {
		return 0 // refused by ParseConfig
	}
	return d
}

// MemoryBytes is [Config.Memory].
func (c *Config) MemoryBytes() int64 {
	n, err := humanize.ParseBytes(c.Memory)
	if err != nil {
		return 0 // refused by ParseConfig
	}
	return int64(n)
}

func (h *Hook) timeout() (time.Duration, error) {
	if h.Timeout == "" {
		return 10 * time.Minute, nil
	}
	return time.ParseDuration(h.Timeout)
}
