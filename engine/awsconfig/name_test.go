package awsconfig

import "testing"

func TestNames(t *testing.T) {
	const account = "AWSLogs/111122223333/Config/"
	for prefix, want := range map[string]struct {
		root, in bool
		date     string
	}{
		account: {root: true, in: true}, "p/AWSLogs/o-9f3k2m8q1z/111122223333/Config/": {root: true, in: true},
		account + "eu-west-1/": {in: true}, account + "eu-west-1/2026/": {in: true, date: "2026"},
		account + "eu-west-1/2026/3/": {in: true, date: "2026-03"}, account + "eu-west-1/2026/12/": {in: true, date: "2026-12"},
		account + "eu-west-1/2026/3/9/":                {in: true, date: "2026-03-09"},
		account + "eu-west-1/2026/3/9/ConfigSnapshot/": {in: true, date: "2026-03-09"},
		account + "eu-west-1/2026/1234/5678/9/":        {in: true, date: "2026"}, account + "eu-west-1/20261/3/": {in: true}, account + "x/../2026/": {in: true},
		account + "eu-west-1/2026/13/45/":  {in: true, date: "2026-13-45"},
		"AWSLogs/111122223333/CloudTrail/": {}, "Config/": {}, "AWSLogs/Config/": {}, "": {}, "AWSLogs/1111/Config/": {},
	} {
		date, in := Place(prefix)
		if Folder(prefix) != want.root || in != want.in || date != want.date {
			t.Errorf("%q: root %t, in %t, date %q; want %+v", prefix, Folder(prefix), in, date, want)
		}
	}
	for key, want := range map[string]bool{
		account + "eu-west-1/2016/9/27/ConfigSnapshot/111122223333_Config_eu-west-1_ConfigSnapshot_20160927T195818Z_0-1.json.gz":                                   true,
		account + "eu-west-1/2016/9/27/ConfigHistory/111122223333_Config_eu-west-1_ConfigHistory_AWS::DynamoDB::Table_20160927T195818Z_20160927T195818Z_1.json.gz": true,
		"111122223333_Config_eu-west-1_ConfigHistory_AWS::Config::ResourceCompliance_20201007T123229Z_20201007T123229Z_1.json.gz":                                  true,
		"111122223333_Config_eu-west-1_ConfigHistory_AWS%3A%3ADynamoDB%3A%3ATable_20160927T195818Z_20160927T195818Z_1.json.gz.1":                                   true,
		"111122223333_Config_eu-west-1_ConfigHistory_AWS::S3::Bucket_20160927T195818Z_20160927T195818Z_1.json.gz":                                                  false,
		"111122223333_Config_eu-west-1_ConfigHistory_AWS::DynamoDB::GlobalTable_20160927T195818Z_20160927T195818Z_1.json.gz":                                       false,
		"111122223333_CloudTrail_eu-west-1_ConfigSnapshot_20160927T195818Z_1.json.gz":                                                                              false,
		account + "ConfigWritabilityCheckFile": false, "": false, "a_Config_b_ConfigSnapshot_c.json.gz": false,
	} {
		if File(key) != want {
			t.Errorf("%q is a file to read: %t", key, !want)
		}
	}
	if !Within(account+"ConfigWritabilityCheckFile") || Within("AWSLogs/111122223333/CloudTrail/x") {
		t.Error("what lies in AWS Config's folder")
	}
}
