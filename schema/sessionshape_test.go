package schema

import "testing"

func TestSessionShape(t *testing.T) {
	for name, want := range map[string]string{
		"": "", "ann@example.com": SessionOfPerson, "i-0123456789abcdef0": SessionOfInstance,
		"0123456789abcdef0123456789abcdef":                      SessionOfTask,
		"eks-shop-cart-0a1b2c3d-0000-4000-8000-000000000001":    SessionOfPod,
		"AWSCodeBuild-0a1b":                                     SessionOfWorkload,
		"GitHubActions":                                         SessionOfWorkload,
		"botocore-session-1767600000":                           SessionGeneric,
		"1767600000000000000":                                   SessionGeneric,
		"nightly-export":                                        SessionCustom,
		"ann@localhost":                                         SessionCustom,
		"eks-shop-cart-0a1b2c3d-0000-4000-8000-00000000000\x00": SessionCustom,
	} {
		if got := SessionShape(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}
