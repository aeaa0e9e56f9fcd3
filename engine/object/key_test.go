package object

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestParseKey(t *testing.T) {
	const (
		acct = "111122223333"
		file = acct + "_CloudTrail_eu-west-1_20260105T0805Z_AbCdEfGhIjKlMnOp.json.gz"
	)
	trail := Key{Kind: KindCloudTrail, Account: acct, Region: "eu-west-1", Day: "2026-01-05"}
	of := func(k Key, kind Kind) Key { k.Kind = kind; return k }
	in := func(k Key, region string) Key { k.Region = region; return k }
	org := func(k Key, id string) Key { k.Org = id; return k }
	for _, c := range []struct {
		name, key string
		want      Key
	}{
		// Layouts of the CloudTrail User Guide.
		{"account", "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/05/" + file, trail},
		{"organisation", "AWSLogs/o-exampleorgid/111122223333/CloudTrail/eu-west-1/2026/01/05/" + file, org(trail, "o-exampleorgid")},
		{"prefix", "logs/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/05/" + file, trail},
		{"nested prefix", "a/b c/d=e/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/05/" + file, trail},
		{"prefix of the same name", "AWSLogs/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/05/" + file, trail},
		{"prefix of the same shape", "AWSLogs/999999999999/Config/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/05/" + file, trail},
		{"same folder below", "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/05/AWSLogs/" + file, trail},
		{"GovCloud", "AWSLogs/111122223333/CloudTrail/us-gov-west-1/2026/01/05/x.json.gz", in(trail, "us-gov-west-1")},
		{"China", "AWSLogs/111122223333/CloudTrail/cn-northwest-1/2026/01/05/x.json.gz", in(trail, "cn-northwest-1")},
		{"European sovereign cloud", "AWSLogs/111122223333/CloudTrail/eusc-de-east-1/2026/01/05/x.json.gz", in(trail, "eusc-de-east-1")},
		{"digest", "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/01/05/111122223333_CloudTrail-Digest_eu-west-1_my_trail_us-east-1_20260105T080000Z.json.gz", of(trail, KindDigest)},
		{"digest backfill", "p/AWSLogs/o-a1/111122223333/CloudTrail-Digest/eu-west-1/2026/01/05/111122223333_CloudTrail-Digest_eu-west-1_t_us-east-1_20260105T080000Z_backfill.json.gz", org(of(trail, KindDigest), "o-a1")},
		{"insight", "AWSLogs/111122223333/CloudTrail-Insight/eu-west-1/2026/01/05/111122223333_CloudTrail-Insight_eu-west-1_20260105T0805Z_AbCdEfGhIjKlMnOp.json.gz", of(trail, KindInsight)},
		{"network activity", "AWSLogs/111122223333/CloudTrail-NetworkActivity/eu-west-1/2026/01/05/x.json.gz", of(trail, KindNetwork)},
		{"aggregated", "AWSLogs/111122223333/CloudTrail-Aggregated/eu-west-1/2026/01/05/x.json.gz", of(trail, KindAggregated)},

		// Path and name together.
		{"path wins", "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/05/111122223333_CloudTrail_us-east-1_20260106T0000Z_AbCdEfGhIjKlMnOp.json.gz", trail},
		{"name fills in", "AWSLogs/111122223333/CloudTrail/" + file, trail},
		{"name below the account", "AWSLogs/111122223333/" + file, trail},
		{"name of another account does not", "AWSLogs/999999999999/CloudTrail/" + file, Key{Kind: KindCloudTrail, Account: "999999999999"}},
		{"no such day in the path", "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/02/30/" + file, trail},
		{"nothing below the account", "AWSLogs/111122223333/x.json", Key{Account: acct}},

		// Other services beside CloudTrail.
		{"Config, not padded", "AWSLogs/111122223333/Config/us-east-1/2016/9/7/ConfigSnapshot/111122223333_Config_us-east-1_ConfigSnapshot_20160907T000000Z_1-2.json.gz", Key{Kind: KindForeign, Account: acct, Region: "us-east-1", Day: "2016-09-07"}},
		{"Config history", "AWSLogs/111122223333/Config/us-east-1/2016/12/7/ConfigHistory/111122223333_Config_us-east-1_ConfigHistory_AWS::DynamoDB::Table_20161207T000000Z_20161207T060000Z_1.json.gz", Key{Kind: KindForeign, Account: acct, Region: "us-east-1", Day: "2016-12-07"}},
		{"Config check", "AWSLogs/111122223333/Config/ConfigWritabilityCheckFile", Key{Kind: KindForeign, Account: acct}},
		{"load balancer", "AWSLogs/111122223333/elasticloadbalancing/eu-west-1/2026/01/05/111122223333_elasticloadbalancing_eu-west-1_app.my-lb.123_20260105T0805Z_10.0.0.1_x.log.gz", of(trail, KindForeign)},
		{"load balancer check", "AWSLogs/111122223333/ELBAccessLogTestFile", Key{Kind: KindForeign, Account: acct}},
		{"flow logs", "AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/01/05/x.log.gz", of(trail, KindForeign)},
		{"flow logs, Hive style", "AWSLogs/aws-account-id=111122223333/aws-service=vpcflowlogs/aws-region=eu-west-1/year=2026/x.log.gz", Key{Kind: KindForeign, Account: acct}},
		{"CloudTrail Lake", "AWSLogs/111122223333/CloudTrail-Lake/Query/2026/01/05/q/result_1.csv.gz", Key{Kind: KindForeign, Account: acct}},
		{"folders are case-sensitive", "AWSLogs/111122223333/cloudtrail/eu-west-1/2026/01/05/" + file, of(trail, KindForeign)},

		// Loose files.
		{"file name", file, trail},
		{"in any folder", "downloads/2025/12/31/" + file, trail},
		{"sub-tree", "eu-west-1/2026/01/05/" + file, trail},
		{"decompressed", strings.TrimSuffix(file, ".gz"), trail},
		{"old name", "111122223333_CloudTrail_eu-west-1_20260105T0805ZAbCdEfGhIjKlMnOp.json.gz", trail},
		{"second copy", file + ".1", trail},
		{"browser's second copy", strings.Replace(file, ".json", " (1).json", 1), trail},
		{"digest file", "111122223333_CloudTrail-Digest_eu-west-1_20200101T0000Z_x_us-east-1_20260105T080000Z_backfill.json.gz", of(trail, KindDigest)},
		{"insight file", "111122223333_CloudTrail-Insight_eu-west-1_20260105T0805Z_AbCdEfGhIjKlMnOp.json.gz", of(trail, KindInsight)},
		{"network file", "111122223333_CloudTrail-NetworkActivity_eu-west-1_20260105T0805Z_AbCdEfGhIjKlMnOp.json.gz", of(trail, KindNetwork)},
		{"aggregated file", "111122223333_CloudTrail-Aggregated_eu-west-1_20260105T0805Z_AbCdEfGhIjKlMnOp.json.gz", of(trail, KindAggregated)},
		{"Config file", "111122223333_Config_eu-west-1_ConfigSnapshot_20260105T080000Z_1.json.gz", of(trail, KindForeign)},
		{"date that is none", "111122223333_CloudTrail_eu-west-1_20261305T0805Z_AbCdEfGhIjKlMnOp.json.gz", Key{Kind: KindCloudTrail, Account: acct, Region: "eu-west-1"}},
		{"no date", "111122223333_CloudTrail_eu-west-1.json", Key{}},
		{"log stream export", "export/id/111122223333_CloudTrail_eu-west-1/000000.gz", Key{}},
		{"any JSON", "events.json", Key{}},
		{"JSON lines", "x/y.jsonl", Key{}},
		{"more JSON lines", "x/y.ndjson", Key{}},
		{"any gzip", "000000.gz", Key{}},
		{"capitals", "EVENTS.JSON.GZ", Key{}},
		{"short account", "1111_CloudTrail_eu-west-1_20260105T0805Z_AbCdEfGhIjKlMnOp.json.gz", Key{}},

		// No logs.
		{"empty", "", Key{Kind: KindForeign}},
		{"folder", "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/05/", of(trail, KindForeign)},
		{"no extension", "aws-logs-write-test", Key{Kind: KindForeign}},
		{"Parquet", "lake/part-00.parquet", Key{Kind: KindForeign}},
		{"resource fork", "._" + file, Key{Kind: KindForeign}},
		{"a lake's own", "lake/_keytrail/format.json", Key{Kind: KindForeign}},
		{"a lake's own at the root", "_keytrail/lease.json", Key{Kind: KindForeign}},
		{"only a number", "x.1", Key{Kind: KindForeign}},

		// Evil names.
		{"dots", "../../AWSLogs/../111122223333/x.json", Key{}},
		{"slashes", "////x.json", Key{}},
		{"other digits", "AWSLogs/１１１１２２２２３３３３/CloudTrail/x.json", Key{}},
		{"folder's name in a name", "xAWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/05/x.json", Key{}},
		{"no account", "AWSLogs/CloudTrail/eu-west-1/2026/01/05/x.json", Key{}},
		{"organisation without account", "AWSLogs/o-abc/CloudTrail/x.json", Key{}},
		{"bad organisation", "AWSLogs/o-ABC/111122223333/CloudTrail/eu-west-1/2026/01/05/x.json", Key{}},
		{"Region that is none", "AWSLogs/111122223333/CloudTrail/<script>/2026/01/05/x.json", Key{Kind: KindCloudTrail, Account: acct}},
		{"Region with holes", "AWSLogs/111122223333/CloudTrail/eu--1/2026/01/05/x.json", Key{Kind: KindCloudTrail, Account: acct}},
		{"NUL", "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/0\x00/x.json", Key{Kind: KindCloudTrail, Account: acct, Region: "eu-west-1"}},
		{"signs in the date", "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/+1/-5/x.json", Key{Kind: KindCloudTrail, Account: acct, Region: "eu-west-1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ParseKey(c.key); got != c.want {
				t.Errorf("%s\n got %+v\nwant %+v", c.key, got, c.want)
			}
		})
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add("p/AWSLogs/o-a1/111122223333/CloudTrail/eu-west-1/2026/01/05/111122223333_CloudTrail_eu-west-1_20260105T0805Z_AbCdEfGhIjKlMnOp.json.gz")
	f.Add("111122223333_CloudTrail-Digest_eu-west-1_t_us-east-1_20260105T080000Z_backfill.json.gz")
	f.Add("AWSLogs/AWSLogs//../1")
	f.Fuzz(func(t *testing.T, key string) {
		k := ParseKey(key)
		if k.Account != "" && !isAccount(k.Account) || k.Region != "" && !isRegion(k.Region) || k.Org != "" && !isOrg(k.Org) {
			t.Errorf("%q gives %+v", key, k)
		}
		if k.Day != "" && (len(k.Day) != 10 || dayOf(k.Day[:4], k.Day[5:7], k.Day[8:]) != k.Day) {
			t.Errorf("%q gives day %q", key, k.Day)
		}
		// Where a tree is mounted changes nothing once the account's folder is in it.
		if k.Org+k.Account != "" && !ownFile(key) {
			if moved := ParseKey("some/where/" + key); moved != k {
				t.Errorf("%q gives %+v, and %+v elsewhere", key, k, moved)
			}
		}
		source, name := Canonical("s3://b/", key)
		if source+name != "s3://b/"+key {
			t.Errorf("%q is cut into %q and %q", key, source, name)
		}
	})
}

func TestSplitSource(t *testing.T) {
	here, err := filepath.Abs("")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ url, root, prefix string }{
		{"s3://b", "s3://b/", ""},
		{"s3://b/", "s3://b/", ""},
		{"S3://b/x", "s3://b/x/", ""},
		{"s3://b/p/AWSLogs/1/CloudTrail", "s3://b/p/", "AWSLogs/1/CloudTrail/"},
		{"s3://b/p/AWSLogs/1/CloudTrail/", "s3://b/p/", "AWSLogs/1/CloudTrail/"},
		{"s3://b/AWSLogs", "s3://b/", "AWSLogs/"},
		{"s3://b/AWSLogs/AWSLogs/1", "s3://b/AWSLogs/", "AWSLogs/1/"},
		{"s3://b/xAWSLogs/1", "s3://b/xAWSLogs/1/", ""},
		{"s3://b/p/xAWSLogs/AWSLogsx/1", "s3://b/p/xAWSLogs/AWSLogsx/1/", ""},
		{"s3://b//p", "s3://b//p/", ""},
		{"/data/AWSLogs/1", "/data/", "AWSLogs/1/"},
		{"/data/logs", "/data/logs/", ""},
		{"/data/./x/../AWSLogs//1/", "/data/", "AWSLogs/1/"},
		{"/", "/", ""},
		{"file:///data/AWSLogs/1", "/data/", "AWSLogs/1/"},
		{"AWSLogs/1", here + "/", "AWSLogs/1/"},
		{".", here + "/", ""},
		{"gs://b/AWSLogs/1", "gs://b/AWSLogs/1", ""},
	} {
		if root, prefix := SplitSource(c.url); root != c.root || prefix != c.prefix {
			t.Errorf("%s is split into %q and %q, not %q and %q", c.url, root, prefix, c.root, c.prefix)
		}
	}
}

func TestCanonical(t *testing.T) {
	for _, c := range []struct{ root, key, source, name string }{
		{"s3://b/", "x/AWSLogs/1/y.gz", "s3://b/x/", "AWSLogs/1/y.gz"},
		{"s3://b/x/", "AWSLogs/1/y.gz", "s3://b/x/", "AWSLogs/1/y.gz"},
		{"s3://b/", "AWSLogs/AWSLogs/1/y.gz", "s3://b/AWSLogs/", "AWSLogs/1/y.gz"},
		{"file:///d/", "sub/y.gz", "file:///d/", "sub/y.gz"},
		{"s3://b/", "xAWSLogs/1/y.gz", "s3://b/", "xAWSLogs/1/y.gz"},
	} {
		if source, name := Canonical(c.root, c.key); source != c.source || name != c.name {
			t.Errorf("%s + %s is %q and %q, not %q and %q", c.root, c.key, source, name, c.source, c.name)
		}
	}
}

// An object has one name, whichever folder above it is given as the source.
func TestCanonicalFromEveryFolder(t *testing.T) {
	const whole = "s3://b/p/q/AWSLogs/o-a1/111122223333/CloudTrail/eu-west-1/2026/01/05/f.json.gz"
	for end := len("s3://b"); end >= 0; {
		root, prefix := SplitSource(whole[:end])
		if !strings.HasPrefix(whole, root+prefix) {
			t.Fatalf("%s is split into %q and %q", whole[:end], root, prefix)
		}
		source, name := Canonical(root, strings.TrimPrefix(whole, root))
		if source != "s3://b/p/q/" || name != whole[len(source):] {
			t.Errorf("below %s it is %q in %q", whole[:end], name, source)
		}
		next := strings.IndexByte(whole[end+1:], '/')
		if next < 0 {
			break
		}
		end += 1 + next
	}
}
