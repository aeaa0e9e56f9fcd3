package setup

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"text/template"

	"github.com/keytrail/keytrail/schema"
)

// File is a file of the module, its name with slashes.
type File struct {
	Name string
	Data []byte
}

//go:embed templates
var templates embed.FS

// parsed are the templates. Their brackets are square, since Terraform's are curly.
var parsed = template.Must(template.New("").Delims("[[", "]]").Funcs(template.FuncMap{
	"quote": quote, "list": quoteList, "parameters": parameters, "days": countDays,
	"inc": func(n int) int { return n + 1 },
}).ParseFS(templates, "templates/*.tmpl"))

// content is what templates see.
type content struct {
	Options
	LakeBucket, LakePrefix string
	AccessBucket           string
	StorageClass           string
	ReadAtOnce             bool // what is archived can be read without being restored
	Catalog                []schema.CatalogTable
	Schema                 string
}

// Files are the module, in order of names: the same for the same options. It fails
// when [Options.Check] does.
func (o Options) Files() ([]File, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	o = o.withDefaults()
	c := content{Options: o, AccessBucket: o.Bucket + accessSuffix, StorageClass: storageClasses[o.GlacierClass].name,
		ReadAtOnce: o.GlacierClass == Instant, Schema: schema.Version}
	c.LakeBucket, c.LakePrefix = o.lakePlace()
	var err error
	if c.Catalog, err = (schema.DDL{Location: o.Lake, Database: o.Database}).Catalog(); err != nil {
		return nil, err
	}
	var files []File
	names, err := fs.Glob(templates, "templates/*.tmpl")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		name = strings.TrimSuffix(path.Base(name), ".tmpl")
		if !o.wants(name) {
			continue
		}
		var b bytes.Buffer
		if err := parsed.ExecuteTemplate(&b, name+".tmpl", &c); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		files = append(files, File{strings.ReplaceAll(name, "--", "/"), b.Bytes()})
	}
	return files, nil
}

// wants tells whether a file is part of the module.
func (o *Options) wants(name string) bool {
	switch name {
	case "kms.tf":
		return o.KMS
	case "nightly.tf", "image--Dockerfile", "image--nightly.yaml":
		return o.Nightly == Fargate
	}
	return true
}

// quote makes a string literal of Terraform, in which nothing is evaluated.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case (r == '$' || r == '%') && strings.HasPrefix(s[i+1:], "{"):
			b.WriteString(string(r) + string(r))
		case r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + `"`
}

// quoteList makes the default of a variable, a list of string literals, one a line. The
// formatter aligns it with the lines above when it is empty.
func quoteList(all []string) string {
	if len(all) == 0 {
		return "default     = []"
	}
	var b strings.Builder
	b.WriteString("default = [\n")
	for _, s := range all {
		b.WriteString("    " + quote(s) + ",\n")
	}
	return b.String() + "  ]"
}

// parameters are the properties of a table, a line each, aligned as the formatter does.
func parameters(properties []schema.Property) string {
	names, width := []string{"EXTERNAL"}, len("EXTERNAL")
	values := []string{"TRUE"}
	for _, p := range properties {
		names, values = append(names, quote(p.Name)), append(values, p.Value)
		width = max(width, len(quote(p.Name)))
	}
	var b strings.Builder
	for i, name := range names {
		fmt.Fprintf(&b, "\n    %-*s = %s", width, name, quote(values[i]))
	}
	return b.String()
}

func countDays(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}
