package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/keytrail/keytrail"

// Third-party modules that the import rules speak of.
const (
	libArrow    = "github.com/apache/arrow/go/v15/"
	libAWS      = "github.com/aws/"
	libCompress = "github.com/klauspost/compress/"
	libParquet  = "github.com/parquet-go/parquet-go"
	libSync     = "golang.org/x/sync/"
	libSys      = "golang.org/x/sys/"
	libPretty   = "github.com/jedib0t/go-pretty/"
	libHumanize = "github.com/dustin/go-humanize"
	libInternal = "github.com/rogpeppe/go-internal/"
	libYAML     = "github.com/goccy/go-yaml"
	libMath     = "gonum.org/v1/gonum/mathext"
	libLetters  = "github.com/agnivade/levenshtein"
	libSketch   = "github.com/axiomhq/hyperloglog"
	libSchema   = "github.com/santhosh-tekuri/jsonschema/"
)

// importRules says what each package may import beside the standard library:
// packages of ours by their path in the module, others by prefix. A package that
// is not here fails the test: a new one is a decision. cmd/... may import all.
var importRules = map[string]struct{ ours, others []string }{
	"schema": {nil, []string{libArrow}},

	"engine":                   {[]string{"schema", "engine/object", "engine/inflate", "engine/decode", "engine/partition", "engine/parquetio", "engine/lake", "engine/reader", "engine/awsconfig"}, []string{libSync}},
	"engine/object":            {nil, nil},
	"engine/object/dir":        {[]string{"engine/object"}, []string{libSys}},
	"engine/object/cache":      {[]string{"engine/object"}, nil},
	"engine/object/s3":         {[]string{"engine/object", "engine/awsclient"}, []string{libAWS, libSync}},
	"engine/object/objecttest": {[]string{"engine/object"}, []string{libSync}},
	"engine/inflate":           {nil, []string{libCompress}},
	"engine/decode":            {[]string{"schema"}, nil},
	"engine/partition":         {[]string{"schema"}, []string{libCompress}},
	"engine/parquetio":         {[]string{"schema"}, []string{libArrow, libCompress, libParquet, libSync}},
	"engine/lake":              {[]string{"schema", "engine/object", "engine/parquetio"}, []string{libSync}},
	"engine/digest":            {[]string{"engine/object"}, []string{libCompress, libSync}},
	"engine/digest/awskeys":    {[]string{"engine/object", "engine/digest", "engine/awsclient"}, []string{libAWS}},
	"engine/awsclient":         {nil, []string{libAWS}},
	"engine/custody":           {[]string{"schema", "engine/object", "engine/lake", "engine/reader", "engine/digest"}, []string{libArrow}},
	"engine/erasure":           {[]string{"schema", "engine", "engine/lake", "engine/reader"}, []string{libArrow}},
	"engine/retention":         {[]string{"schema", "engine", "engine/lake", "engine/yamlfile"}, []string{libSync}},
	"engine/awsconfig":         {[]string{"schema"}, nil},
	"engine/sample":            {nil, nil},
	"engine/reader":            {[]string{"schema", "engine/object", "engine/parquetio", "engine/lake"}, []string{libArrow, libSync, libHumanize}},
	"engine/yamlfile":          {nil, []string{libYAML, libLetters}},
	"engine/evidence":          {[]string{"schema", "engine/object", "engine/inflate", "engine/lake"}, []string{libSync}},
	"engine/verify":            {[]string{"schema", "engine/object", "engine/parquetio", "engine/lake"}, []string{libArrow, libSync}},

	"engine/personal":        {[]string{"schema"}, nil},
	"engine/personal/awskms": {[]string{"engine/awsclient"}, []string{libAWS}},

	"queries": {[]string{"schema", "engine/reader", "engine/lake", "engine/personal"}, []string{libArrow, libPretty, libHumanize, libLetters}},

	"queries/policy":     {[]string{"schema", "engine/yamlfile"}, []string{libYAML}},
	"queries/unexpected": {[]string{"schema", "engine/reader", "engine/lake", "queries", "queries/policy"}, []string{libHumanize}},
	"queries/detect":     {[]string{"schema", "engine/reader", "engine/lake", "queries", "queries/policy"}, []string{libArrow, libYAML, libSketch, libHumanize, libLetters}},
	"queries/tables":     {[]string{"schema", "engine/reader", "engine/lake", "queries", "queries/detect", "queries/policy"}, []string{libHumanize}},
	"queries/profile":    {[]string{"schema", "engine/reader", "engine/lake", "engine/object", "queries", "queries/detect"}, []string{libSync, libSketch}},
	"queries/stats":      {nil, []string{libMath}},
	"queries/anomalies":  {[]string{"schema", "engine/reader", "engine/lake", "queries", "queries/detect", "queries/policy", "queries/stats", "engine/yamlfile"}, []string{libHumanize}},
	"queries/findings":   {[]string{"schema", "queries/policy", "engine/yamlfile"}, nil},

	"queries/report":          {[]string{"queries"}, []string{libPretty}},
	"queries/report/page":     {[]string{"queries", "queries/report"}, nil},
	"queries/compliance":      {[]string{"schema", "engine/reader", "engine/lake", "engine/object", "engine/custody", "engine/personal", "engine/retention", "engine/yamlfile", "queries", "queries/detect", "queries/findings", "queries/policy", "queries/report", "queries/tables", "queries/unexpected"}, []string{libHumanize}},
	"queries/coverage":        {[]string{"schema", "engine/reader", "engine/lake", "queries", "queries/detect", "queries/policy", "queries/report", "queries/tables"}, nil},
	"queries/subject":         {[]string{"schema", "engine/reader", "engine/lake", "engine/personal", "queries", "queries/coverage", "queries/detect", "queries/policy", "queries/report", "queries/tables"}, nil},
	"queries/cost":            {[]string{"schema", "engine/reader", "engine/lake", "engine/yamlfile", "queries", "queries/coverage", "queries/report"}, nil},
	"queries/setup/readiness": {[]string{"schema", "engine/setup", "engine/lake", "queries", "queries/detect", "queries/policy"}, []string{libHumanize}},

	"engine/setup":            {[]string{"schema"}, nil},
	"engine/setup/awsaccount": {[]string{"engine/setup", "engine/awsclient"}, []string{libAWS}},
	"engine/notify":           {[]string{"schema"}, nil},
	"engine/notify/snstopic":  {[]string{"engine/notify"}, []string{libAWS}},
	"engine/nightly":          {[]string{"schema", "engine/lake", "engine/notify", "engine/yamlfile"}, []string{libHumanize}},

	// For tests only.
	"engine/golden":             {nil, nil},
	"engine/browsertest":        {nil, []string{libInternal}},
	"engine/ducktest":           {nil, []string{libInternal}},
	"queries/report/reporttest": {[]string{"engine/browsertest"}, []string{libSchema}},
	"engine/lake/laketest":      {[]string{"schema", "engine/object", "engine/parquetio", "engine/lake"}, []string{libArrow}},
	"engine/object/s3/s3test":   {nil, []string{libAWS}},
	"engine/digest/digesttest":  {nil, nil},
}

func TestImportRules(t *testing.T) {
	seen := map[string]bool{}
	for _, pkg := range goList(t, nil, "./...") {
		path := strings.TrimPrefix(pkg.ImportPath, module+"/")
		for _, imp := range slices.Concat(pkg.Imports, pkg.TestImports, pkg.XTestImports) {
			if strings.HasPrefix(imp, module+"/cmd/") {
				t.Errorf("%s imports %s: nothing imports a command", path, imp)
			}
		}
		if strings.HasPrefix(path, "cmd/") {
			continue
		}
		rule, ok := importRules[path]
		if !ok {
			t.Errorf("%s: no import rule; say in importRules what it may import", path)
			continue
		}
		seen[path] = true
		for _, imp := range pkg.Imports {
			if !allowed(imp, rule.ours, rule.others) {
				t.Errorf("%s may not import %s", path, imp)
			}
		}
	}
	for path := range importRules {
		if !seen[path] {
			t.Errorf("%s has an import rule but does not exist", path)
		}
	}
}

func allowed(imp string, ours, others []string) bool {
	if path, ok := strings.CutPrefix(imp, module+"/"); ok {
		return slices.Contains(ours, path)
	}
	if first, _, _ := strings.Cut(imp, "/"); !strings.Contains(first, ".") {
		return imp != "C" // standard library
	}
	return slices.ContainsFunc(others, func(prefix string) bool {
		return imp == strings.TrimSuffix(prefix, "/") || strings.HasPrefix(imp, prefix)
	})
}

// The Parquet library and the S3 SDK each have one importer, commands included; of the
// AWS SDK's other parts, packages awskeys, snstopic and awskms have one each, and package
// awsclient what they share. Package awsaccount, which asks how an account is set, reads no
// objects and may import all of it.
func TestOneImporter(t *testing.T) {
	for _, pkg := range goList(t, nil, "./...") {
		path := strings.TrimPrefix(pkg.ImportPath, module+"/")
		for _, imp := range pkg.Imports {
			if strings.HasPrefix(imp, libParquet) && path != "engine/parquetio" {
				t.Errorf("%s imports %s, which only engine/parquetio may", path, imp)
			}
			if strings.HasPrefix(imp, libAWS) && path != "engine/object/s3" && path != "engine/object/s3/s3test" && path != "engine/setup/awsaccount" &&
				(path != "engine/digest/awskeys" && path != "engine/notify/snstopic" && path != "engine/personal/awskms" && path != "engine/awsclient" || strings.HasPrefix(imp, libAWS+"aws-sdk-go-v2/service/s3")) {
				t.Errorf("%s imports %s, which only engine/object/s3 may", path, imp)
			}
		}
	}
}

// The binary is pure Go: it builds without cgo, and no library in it has a part
// in C that another build would switch on. Nor do test helpers get into it.
func TestBinaryIsPureGo(t *testing.T) {
	for _, pkg := range goList(t, []string{"CGO_ENABLED=0"}, "-deps", "./cmd/keytrail") {
		if pkg.ImportPath == "runtime/cgo" {
			t.Error("the binary links runtime/cgo")
		}
		if pkg.Error != nil {
			t.Errorf("%s: %s", pkg.ImportPath, pkg.Error.Err)
		}
		for _, helper := range []string{"testing", module + "/engine/golden", module + "/engine/ducktest", module + "/engine/browsertest", module + "/queries/report/reporttest", module + "/engine/object/s3/s3test", module + "/engine/digest/digesttest", module + "/engine/object/objecttest", module + "/engine/lake/laketest"} {
			if pkg.ImportPath == helper {
				t.Errorf("the binary links %s, which is for tests", helper)
			}
		}
	}
	for _, pkg := range goList(t, []string{"CGO_ENABLED=1"}, "-deps", "./cmd/keytrail") {
		if !pkg.Standard && len(pkg.CgoFiles) > 0 {
			t.Errorf("%s uses cgo: %v", pkg.ImportPath, pkg.CgoFiles)
		}
	}
}

// The top level stays small enough to read at a glance.
func TestTopLevel(t *testing.T) {
	want := []string{"LICENSE", "Makefile", "README.md", "cmd", "engine", "go.mod", "go.sum", "queries", "schema", "testdata"}
	entries, err := os.ReadDir(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		// bin is ignored by git: make builds there.
		if name := e.Name(); !strings.HasPrefix(name, ".") && name != "bin" {
			got = append(got, name)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("top level of the repository:\ngot  %v\nwant %v", got, want)
	}
}

type listedPackage struct {
	ImportPath                         string
	Standard                           bool
	CgoFiles                           []string
	Imports, TestImports, XTestImports []string
	Error                              *struct{ Err string }
}

func goList(t *testing.T, env []string, args ...string) []listedPackage {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Standard,CgoFiles,Imports,TestImports,XTestImports,Error"}, args...)...)
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var pkgs []listedPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var pkg listedPackage
		if err := dec.Decode(&pkg); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		pkgs = append(pkgs, pkg)
	}
}
