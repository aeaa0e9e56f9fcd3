// Package browsertest lets tests open a page in a real browser and hear what became of it.
//
// A page is what a browser makes of it, so the tests that matter open it in headless
// Chromium: [Open] returns all that the page wrote to the console, every address it asked
// for, faults that nobody caught, what axe-core says of it, where the Tab key leads, and
// answers to expressions; and it makes pictures and a print.
//
// The driver, a small program in testdata/browser, is a module of its own, so that nothing
// of it gets into the binary; it is built on first use, and axe-core installed by npm, into
// the user's cache directory. Where there is no browser the test is skipped and says why;
// under CI that is a failure, so that a green run has looked.
package browsertest
