// Package ducktest lets tests ask DuckDB what is in a file that keytrail wrote.
//
// A lake is only as good as what other engines read in it, so the tests that
// matter do not read it back with our own code. [Query] runs one SQL statement in
// a fresh in-memory DuckDB and returns its rows.
//
// DuckDB is C++ and stays out of this module: a small program in testdata/duckdb,
// a module of its own, is built on first use and kept in the user's cache
// directory. Where it cannot be built the test is skipped and says why; under CI
// that is a failure, so that a green run has asked DuckDB.
package ducktest
