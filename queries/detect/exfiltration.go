package detect

// Exfiltration: data read in bulk or carried off (EXF).
var exfiltration = []Detection{
	foreignExport, firstExport, manualFullRead, firstScan, wholeTableScanned, parallelScan,
	readBreadth, batchHarvest, humanBrowsing, watchedKey, decoyTouched,
	restoredCopy, backupCopiedOut, streamSwitchedOn, kinesisDestination, streamConsumer, firstStreamRead,
	foreignReplica, zeroETL,
}
