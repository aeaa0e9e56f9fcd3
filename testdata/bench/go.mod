module github.com/keytrail/keytrail/testdata/bench

go 1.26.0
