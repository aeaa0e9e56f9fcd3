// Runs the SQL on standard input in an embedded ClickHouse and prints the answer as
// tab-separated text. The package is found through NODE_PATH: it is installed below
// bin/, never here.
'use strict';
const chdb = require('chdb');
const sql = require('fs').readFileSync(0, 'utf8');
process.stdout.write(chdb.query(sql, 'TSV'));
