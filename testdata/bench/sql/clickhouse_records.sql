-- The objects as ClickHouse reads them fastest: each is one row of JSON, its records
-- an array of named, typed tuples; what has no fixed form stays text. Missing and
-- null members become empty text, which is cheaper than Nullable. groupArrayArray makes
-- few large blocks of many small objects: without it each object costs 2 ms, however small.
(
  SELECT r.eventVersion AS event_version, parseDateTimeBestEffort(r.eventTime, 'UTC') AS event_time, r.eventSource AS event_source, r.eventName AS event_name,
    r.awsRegion AS aws_region, r.sourceIPAddress AS source_ip, r.userAgent AS user_agent, r.errorCode AS error_code, r.errorMessage AS error_message,
    r.requestID AS request_id, r.eventID AS event_id, r.readOnly AS read_only, r.eventType AS event_type, r.managementEvent AS management_event,
    r.recipientAccountId AS recipient_account_id, r.sharedEventID AS shared_event_id, r.vpcEndpointId AS vpc_endpoint_id, r.eventCategory AS event_category,
    r.userIdentity.type AS principal_type, r.userIdentity.principalId AS principal_id, r.userIdentity.arn AS principal_arn,
    r.userIdentity.accountId AS principal_account_id, r.userIdentity.accessKeyId AS access_key_id, r.userIdentity.userName AS user_name,
    r.userIdentity.invokedBy AS invoked_by, r.userIdentity.sessionContext.sourceIdentity AS source_identity,
    r.userIdentity.sessionContext.sessionIssuer.arn AS issuer_arn, r.userIdentity.sessionContext.sessionIssuer.userName AS issuer_name,
    r.userIdentity.sessionContext.attributes.creationDate AS session_created, r.userIdentity.sessionContext.attributes.mfaAuthenticated AS mfa,
    r.tlsDetails.tlsVersion AS tls_version,
    r.requestParameters AS request_parameters, r.responseElements AS response_elements, r.additionalEventData AS additional_event_data, r.resources AS resources
  FROM (SELECT groupArrayArray(Records) AS Records FROM file('{{corpus}}/**/*.json.gz', 'JSONEachRow', 'Records Array(Tuple(
    eventVersion String, eventTime String, eventSource String, eventName String, awsRegion String,
    sourceIPAddress String, userAgent String, errorCode String, errorMessage String,
    requestID String, eventID String, readOnly Bool, eventType String, managementEvent Bool,
    recipientAccountId String, sharedEventID String, vpcEndpointId String, eventCategory String,
    userIdentity Tuple(
      type String, principalId String, arn String, accountId String, accessKeyId String, userName String, invokedBy String,
      sessionContext Tuple(
        sourceIdentity String,
        sessionIssuer Tuple(type String, principalId String, arn String, accountId String, userName String),
        attributes Tuple(creationDate String, mfaAuthenticated String))),
    tlsDetails Tuple(tlsVersion String),
    requestParameters String, responseElements String, additionalEventData String, resources String))', 'gzip'))
  ARRAY JOIN Records AS r
)
