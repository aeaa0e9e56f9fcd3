package detect

import "slices"

// Catalogue is every detection: carrying off, destroying, exposing, misused identities,
// blinding the audit, unexpected changes, what the log lacks.
var Catalogue = slices.Concat(exfiltration, destruction, exposure, identity, audit, auditSelectors, changes, coverage)
