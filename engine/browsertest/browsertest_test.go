package browsertest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A page that does all that a page must not is caught at each of it.
func TestOpenBadPage(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "bad page.html")
	const text = `<!doctype html><html><head><title>x</title></head><body style="background:#fff">
<p style="color:#ccc">pale</p><img src="http://127.0.0.1:9/pixel.png"><a href="#a">first</a><button id="b">second</button>
<script>console.log("said"); setTimeout(() => { throw new Error("thrown") }, 0)</script></body></html>`
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	pdf, png := filepath.Join(dir, "print.pdf"), filepath.Join(dir, "view.png")
	r := Open(t, File(t, path), pdf, View{Width: 400, Height: 300, Screenshot: png, Axe: true, Tabs: 2, Eval: []string{"innerWidth", "matchMedia('(prefers-color-scheme: dark)').matches"}},
		View{Width: 800, Height: 300, Dark: true, Eval: []string{"innerWidth", "matchMedia('(prefers-color-scheme: dark)').matches"}})
	if !slices.ContainsFunc(r.Console, func(s string) bool { return strings.Contains(s, "said") }) {
		t.Errorf("console: %q", r.Console)
	}
	if len(r.Errors) != 1 || !strings.Contains(r.Errors[0], "thrown") {
		t.Errorf("errors: %q", r.Errors)
	}
	if !slices.Equal(r.Requests, []string{"http://127.0.0.1:9/pixel.png"}) {
		t.Errorf("requests: %q", r.Requests)
	}
	var broken []string
	for _, v := range r.Views[0].Axe {
		broken = append(broken, v.ID)
	}
	if want := []string{"color-contrast", "html-has-lang", "image-alt"}; !slices.Equal(broken, want) {
		t.Errorf("axe-core: %q, want %q", broken, want)
	}
	if want := []string{"a#a", "button#b"}; !slices.Equal(r.Views[0].Focus, want) {
		t.Errorf("focus: %q, want %q", r.Views[0].Focus, want)
	}
	for i, want := range []struct {
		width int
		dark  bool
	}{{400, false}, {800, true}} {
		var width int
		var dark bool
		r.Views[i].Answer(t, 0, &width)
		r.Views[i].Answer(t, 1, &dark)
		if width != want.width || dark != want.dark {
			t.Errorf("view %d: %d wide, dark %v", i+1, width, dark)
		}
	}
	for file, magic := range map[string]string{pdf: "%PDF-", png: "\x89PNG"} {
		if content, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(content), magic) {
			t.Errorf("%s: %v, begins with %.8q", filepath.Base(file), err, content)
		}
	}
}
