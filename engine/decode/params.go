package decode

// Members of requestParameters, and of the elements of batches and transactions,
// that are read. CloudTrail writes them as the API does, but for a first letter in
// lower case.
const (
	paramTableName = iota
	paramTargetTableName
	paramSourceTableName
	paramTableARN
	paramSourceTableARN
	paramResourceARN
	paramStreamARN
	paramShardIterator
	paramBackupARN
	paramExportARN
	paramImportARN
	paramTableCreation
	paramGlobalTableName
	paramIndexName
	paramOmitted
	paramDeletionProtection

	paramKey
	paramKeys
	paramItem
	paramItems
	paramUpdateExpression
	paramAttributeUpdates
	paramProjection
	paramFilter
	paramAttributesToGet
	paramAliases

	paramRequestItems
	paramTransactItems
	paramTransactStatements
	paramStatements
	paramStatement
	paramOperation
	paramPut
	paramGet
	paramUpdate
	paramDelete
	paramConditionCheck
	paramPutRequest
	paramDeleteRequest

	paramEncryptionContext
	paramConstraints
	paramGranteePrincipal
	paramRetiringPrincipal
	paramServiceNamespace
	paramResourceID
	paramResourceIDs
	paramResourceType
	paramResourceName
	paramResourceKeys
	paramEvaluations
	paramExternalEvaluation
	paramCount
)

var paramNames = newDictionary([]string{
	paramTableName:          "tableName",
	paramTargetTableName:    "targetTableName",
	paramSourceTableName:    "sourceTableName",
	paramTableARN:           "tableArn",
	paramSourceTableARN:     "sourceTableArn",
	paramResourceARN:        "resourceArn",
	paramStreamARN:          "streamArn",
	paramShardIterator:      "shardIterator",
	paramBackupARN:          "backupArn",
	paramExportARN:          "exportArn",
	paramImportARN:          "importArn",
	paramTableCreation:      "tableCreationParameters",
	paramGlobalTableName:    "globalTableName",
	paramIndexName:          "indexName",
	paramOmitted:            "omitted",
	paramDeletionProtection: "deletionProtectionEnabled",
	paramKey:                "key",
	paramKeys:               "keys",
	paramItem:               "item",
	paramItems:              "items",
	paramUpdateExpression:   "updateExpression",
	paramAttributeUpdates:   "attributeUpdates",
	paramProjection:         "projectionExpression",
	paramFilter:             "filterExpression",
	paramAttributesToGet:    "attributesToGet",
	paramAliases:            "expressionAttributeNames",
	paramRequestItems:       "requestItems",
	paramTransactItems:      "transactItems",
	paramTransactStatements: "transactStatements",
	paramStatements:         "statements",
	paramStatement:          "statement",
	paramOperation:          "operation",
	paramPut:                "put",
	paramGet:                "get",
	paramUpdate:             "update",
	paramDelete:             "delete",
	paramConditionCheck:     "conditionCheck",
	paramPutRequest:         "putRequest",
	paramDeleteRequest:      "deleteRequest",
	paramEncryptionContext:  "encryptionContext",
	paramConstraints:        "constraints",
	paramGranteePrincipal:   "granteePrincipal",
	paramRetiringPrincipal:  "retiringPrincipal",
	paramServiceNamespace:   "serviceNamespace",
	paramResourceID:         "resourceId",
	paramResourceIDs:        "resourceIds",
	paramResourceType:       "resourceType",
	paramResourceName:       "resourceName",
	paramResourceKeys:       "resourceKeys",
	paramEvaluations:        "evaluations",
	paramExternalEvaluation: "externalEvaluation",
})

// params are the members of one such object.
type params [paramCount]place

func (p *params) at(slot int) int { return p[slot].at() }
