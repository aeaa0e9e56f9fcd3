-- The objects as DuckDB reads them fastest, of four ways that were tried: each as one
-- JSON value, its records cut out of that, and each of those made a struct with named,
-- typed members; what has no fixed form stays JSON. (Reading a list of structs at once
-- takes 7 times the CPU with objects of 6 MB, more with larger ones.)
CREATE MACRO records() AS TABLE
SELECT from_json(j, '{"eventVersion":"VARCHAR","eventTime":"TIMESTAMP","eventSource":"VARCHAR","eventName":"VARCHAR","awsRegion":"VARCHAR",
    "sourceIPAddress":"VARCHAR","userAgent":"VARCHAR","errorCode":"VARCHAR","errorMessage":"VARCHAR",
    "requestID":"VARCHAR","eventID":"VARCHAR","readOnly":"BOOLEAN","eventType":"VARCHAR","managementEvent":"BOOLEAN",
    "recipientAccountId":"VARCHAR","sharedEventID":"VARCHAR","vpcEndpointId":"VARCHAR","eventCategory":"VARCHAR",
    "userIdentity":{"type":"VARCHAR","principalId":"VARCHAR","arn":"VARCHAR","accountId":"VARCHAR","accessKeyId":"VARCHAR","userName":"VARCHAR","invokedBy":"VARCHAR",
      "sessionContext":{"sourceIdentity":"VARCHAR",
        "sessionIssuer":{"type":"VARCHAR","principalId":"VARCHAR","arn":"VARCHAR","accountId":"VARCHAR","userName":"VARCHAR"},
        "attributes":{"creationDate":"VARCHAR","mfaAuthenticated":"VARCHAR"}}},
    "tlsDetails":{"tlsVersion":"VARCHAR"},
    "requestParameters":"JSON","responseElements":"JSON","additionalEventData":"JSON","resources":"JSON"}') AS r
FROM (
  SELECT unnest(json_extract(json, '$.Records[*]')) AS j
  FROM read_json_objects('{{corpus}}/**/*.json.gz', format = 'newline_delimited', compression = 'gzip', maximum_object_size = 268435456)
);

CREATE MACRO flat() AS TABLE
SELECT r.eventVersion AS event_version, r.eventTime AS event_time, r.eventSource AS event_source, r.eventName AS event_name,
  r.awsRegion AS aws_region, r.sourceIPAddress AS source_ip, r.userAgent AS user_agent, r.errorCode AS error_code, r.errorMessage AS error_message,
  r.requestID AS request_id, r.eventID AS event_id, r.readOnly AS read_only, r.eventType AS event_type, r.managementEvent AS management_event,
  r.recipientAccountId AS recipient_account_id, r.sharedEventID AS shared_event_id, r.vpcEndpointId AS vpc_endpoint_id, r.eventCategory AS event_category,
  r.userIdentity."type" AS principal_type, r.userIdentity.principalId AS principal_id, r.userIdentity.arn AS principal_arn,
  r.userIdentity.accountId AS principal_account_id, r.userIdentity.accessKeyId AS access_key_id, r.userIdentity.userName AS user_name,
  r.userIdentity.invokedBy AS invoked_by, r.userIdentity.sessionContext.sourceIdentity AS source_identity,
  r.userIdentity.sessionContext.sessionIssuer.arn AS issuer_arn, r.userIdentity.sessionContext.sessionIssuer.userName AS issuer_name,
  r.userIdentity.sessionContext.attributes.creationDate AS session_created, r.userIdentity.sessionContext.attributes.mfaAuthenticated AS mfa,
  r.tlsDetails.tlsVersion AS tls_version,
  r.requestParameters AS request_parameters, r.responseElements AS response_elements, r.additionalEventData AS additional_event_data, r.resources AS resources
FROM records();
