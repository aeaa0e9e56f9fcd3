package sample

// form is the way an actor signs its requests: what its userIdentity looks like.
type form uint8

const (
	lambda         form = iota // a function: inScopeOf names it
	task                       // ECS task: session name is a 32 digit task id
	instance                   // EC2 instance profile
	pod                        // EKS Pod Identity
	glue                       // Glue job
	pipeline                   // CI through web identity federation
	script                     // a role with an SDK-generated session name
	person                     // IAM Identity Center permission set: AWSReservedSSO_*
	chained                    // a person in a shared role, named by sourceIdentity
	user                       // IAM user with long-lived keys
	consoleUser                // IAM user in the console, with MFA
	root                       // the account's root user
	federated                  // GetFederationToken
	outsider                   // another account, as its own trail does not say: AWSAccount
	visitor                    // a role session of another account
	awsService                 // AWSService: only invokedBy
	linked                     // service-linked role
	identityCenter             // IAM Identity Center token
	typeless                   // {"accountId":…,"invokedBy":"AWS Internal"}
	samlUser                   // SAMLUser, as on an AssumeRoleWithSAML call
	webUser                    // WebIdentityUser
	directory                  // Directory
	unknownUser                // Unknown
	plainRole                  // Role
	hop                        // a role on a chain of them, with a session name of its own
	clusterUser                // WebIdentityUser: a pod, by its cluster's identity provider
	stranger                   // a session of another account, as AWSAccount
)

// actor is somebody or something that calls: a role, user or service together
// with the habits that make it recognisable.
type actor struct {
	form   form
	role   string   // role, user or service-linked role name
	label  string   // function, cluster, repository, service: by form
	names  []string // people, for the forms that people use
	agents []string
	fleet  int // concurrent sessions
	vpc    bool
	weight int
	mix    *mix
	tables []string
}

const (
	browser   = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/144.0.0.0 Safari/537.36"
	firefox   = "Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0"
	cli       = "aws-cli/2.33.2 md/awscrt#0.31.0 ua/2.1 os/macos#25.2.0 md/arch#arm64 lang/python#3.13.11 md/pyimpl#CPython m/N,E,b cfg/retry-mode#standard md/installer#exe md/prompt#off md/command#dynamodb.%s"
	jsLambda  = "aws-sdk-js/3.971.0 ua/2.1 os/linux#5.10.245-265.1017.amzn2.x86_64 lang/js md/nodejs#22.21.1 api/dynamodb#3.971.0 exec-env/AWS_Lambda_nodejs22.x m/E,D,e"
	pyLambda  = "Boto3/1.42.30 md/Botocore#1.42.30 ua/2.1 os/linux#5.10.245-265.1017.amzn2.x86_64 md/arch#x86_64 lang/python#3.13.9 md/pyimpl#CPython exec-env/AWS_Lambda_python3.13 m/Z,b,D,e cfg/retry-mode#legacy Botocore/1.42.30 Resource"
	javaTask  = "aws-sdk-java/2.41.8 md/io#async md/http#NettyNio ua/2.1 api/DynamoDB#2.41.x os/Linux#6.1.159-181.297.amzn2023.x86_64 lang/java#21.0.9 md/OpenJDK_64-Bit_Server_VM#21.0.9+10-LTS md/vendor#Amazon.com_Inc. exec-env/AWS_ECS_FARGATE m/F,n,o,D,e"
	goPod     = "aws-sdk-go-v2/1.41.1 ua/2.1 os/linux lang/go#1.25.5 md/GOOS#linux md/GOARCH#arm64 api/dynamodb#1.53.5 m/E,g"
	pyBatch   = "Boto3/1.42.30 md/Botocore#1.42.30 ua/2.1 os/linux#6.8.0-1044-aws md/arch#x86_64 lang/python#3.12.3 md/pyimpl#CPython m/b,Z cfg/retry-mode#adaptive Botocore/1.42.30"
	kclWorker = "aws-sdk-java/2.41.8 md/io#async md/http#NettyNio ua/2.1 api/DynamoDB_Streams#2.41.x os/Linux#6.1.159-181.297.amzn2023.x86_64 lang/java#17.0.17 amazon-kinesis-client-library-java-3.2.1 m/D,n"
	terraform = "APN/1.0 HashiCorp/1.0 Terraform/1.14.3 (+https://www.terraform.io) terraform-provider-aws/6.28.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.41.1 ua/2.1 os/linux lang/go#1.25.5 md/GOOS#linux md/GOARCH#amd64 api/dynamodb#1.53.5"
	workbench = "aws-sdk-js/2.1693.0 NoSQLWorkbench/3.13.7 Electron/29.4.6 promise"
)

var engineers = []string{"maren.holt@example.com", "ife.okafor@example.com", "jonas.lindqvist@example.com", "priya.raman@example.com", "tomás.rey@example.com", "w.kowalczyk@example.com"}

var support = []string{"dana.fox@example.com", "lu.chen@example.com", "amir.haddad@example.com"}

var prodActors = []actor{
	{form: lambda, role: "checkout-api-role", label: "checkout-api", agents: []string{jsLambda}, fleet: 40, weight: 300, mix: &application, tables: []string{"customers", "orders", "sessions", "payments", "feature-flags"}},
	{form: task, role: "storefront-task-role", label: "storefront", agents: []string{javaTask}, fleet: 24, vpc: true, weight: 300, mix: &application, tables: []string{"sessions", "inventory", "customers", "feature-flags", "orders"}},
	{form: pod, role: "order-service", label: "eks-shop-prod-order-service", agents: []string{goPod}, fleet: 16, vpc: true, weight: 160, mix: &application, tables: []string{"orders", "inventory", "payments"}},
	{form: instance, role: "legacy-erp", label: "erp", agents: []string{"aws-sdk-java/1.12.797 Linux/5.10.245 OpenJDK_64-Bit_Server_VM/25.472-b08 java/1.8.0_472 vendor/Amazon.com_Inc. cfg/retry-mode/legacy"}, fleet: 4, vpc: true, weight: 60, mix: &application, tables: []string{"inventory", "orders"}},
	{form: task, role: "orders-stream-worker", label: "orders-stream-worker", agents: []string{kclWorker}, fleet: 6, vpc: true, weight: 130, mix: &consumer, tables: []string{"orders"}},
	{form: lambda, role: "customer-events-role", label: "customer-events", agents: []string{pyLambda}, fleet: 8, weight: 60, mix: &consumer, tables: []string{"customers"}},
	{form: linked, role: "AWSServiceRoleForDynamoDBReplication", label: "replication.dynamodb.amazonaws.com", agents: []string{"replication.dynamodb.amazonaws.com"}, fleet: 1, weight: 25, mix: &replication, tables: []string{"customers", "orders"}},
	{form: linked, role: "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable", label: "dynamodb.application-autoscaling.amazonaws.com", agents: []string{"dynamodb.application-autoscaling.amazonaws.com"}, fleet: 1, weight: 12, mix: &scaling, tables: []string{"orders", "inventory"}},
	{form: person, role: "AWSReservedSSO_ProductionSupport_6f0c1a2b3d4e5f60", names: engineers, agents: []string{browser, cli, firefox}, fleet: 6, weight: 14, mix: &people, tables: []string{"customers", "orders", "payments", "inventory", "feature-flags"}},
	{form: person, role: "AWSReservedSSO_CustomerCare_0a1b2c3d4e5f6071", names: support, agents: []string{browser, firefox}, fleet: 3, weight: 12, mix: &people, tables: []string{"customers", "orders"}},
	{form: pipeline, role: "github-deploy", label: "repo:example/shop:ref:refs/heads/main", agents: []string{terraform}, fleet: 2, weight: 8, mix: &deploy, tables: []string{"orders", "customers", "inventory", "sessions", "payments"}},
	{form: user, role: "reporting-legacy", agents: []string{pyBatch}, fleet: 1, weight: 18, mix: &reporting, tables: []string{"orders", "inventory"}},
	{form: consoleUser, role: "old-admin", agents: []string{firefox}, fleet: 1, weight: 2, mix: &people, tables: []string{"inventory", "feature-flags"}},
	{form: chained, role: "break-glass", names: engineers, agents: []string{cli}, fleet: 2, weight: 2, mix: &people, tables: []string{"orders", "payments"}},
	{form: outsider, role: "partner-sync", agents: []string{pyBatch}, fleet: 2, weight: 8, mix: &reader, tables: []string{"inventory"}},
	{form: visitor, role: "analytics-reader", label: "444455556666", agents: []string{pyBatch}, fleet: 3, weight: 12, mix: &reader, tables: []string{"orders", "customers"}},
}

var analyticsActors = []actor{
	{form: glue, role: "glue-clickstream", agents: []string{pyBatch}, fleet: 10, weight: 90, mix: &reporting, tables: []string{"clickstream", "job-state"}},
	{form: lambda, role: "click-ingest-role", label: "click-ingest", agents: []string{pyLambda}, fleet: 30, weight: 220, mix: &application, tables: []string{"clickstream", "job-state"}},
	{form: pod, role: "recommender", label: "eks-analytics-recommender", agents: []string{goPod}, fleet: 20, vpc: true, weight: 180, mix: &reader, tables: []string{"ml-features", "clickstream"}},
	{form: script, role: "feature-builder", label: "botocore-session-", agents: []string{pyBatch}, fleet: 4, vpc: true, weight: 70, mix: &reporting, tables: []string{"ml-features", "job-state"}},
	{form: lambda, role: "click-fanout-role", label: "click-fanout", agents: []string{jsLambda}, fleet: 5, weight: 60, mix: &consumer, tables: []string{"clickstream"}},
	{form: person, role: "AWSReservedSSO_DataScience_91e2d3c4b5a60718", names: []string{"noor.vega@example.com", "sam.whitfield@example.com"}, agents: []string{workbench, cli, browser}, fleet: 2, weight: 10, mix: &people, tables: []string{"ml-features", "clickstream", "job-state"}},
	{form: federated, role: "bi-tool", label: "looker-prod", agents: []string{pyBatch}, fleet: 1, weight: 6, mix: &reader, tables: []string{"job-state", "ml-features"}},
	{form: identityCenter, role: "", label: "e2a5c4d6-50d1-70fa-8c5e-3b1f60a7d9c2", agents: []string{browser}, fleet: 1, weight: 4, mix: &reader, tables: []string{"clickstream"}},
	{form: pipeline, role: "github-deploy", label: "repo:example/analytics:ref:refs/heads/main", agents: []string{terraform}, fleet: 1, weight: 5, mix: &deploy, tables: []string{"ml-features", "clickstream"}},
}

var devActors = []actor{
	{form: person, role: "AWSReservedSSO_Developer_77a6b5c4d3e2f101", names: engineers, agents: []string{cli, browser, workbench}, fleet: 6, weight: 40, mix: &people, tables: []string{"customers", "orders-dev", "test.scratch"}},
	{form: user, role: "integration-tests", agents: []string{pyBatch}, fleet: 1, weight: 60, mix: &application, tables: []string{"customers", "orders-dev", "test.scratch"}},
	{form: script, role: "dev-worker", label: "aws-sdk-js-session-", agents: []string{"aws-sdk-js/3.971.0 ua/2.1 os/linux#6.8.0 lang/js md/nodejs#22.21.1 api/dynamodb#3.971.0 m/E"}, fleet: 3, weight: 40, mix: &application, tables: []string{"customers", "orders-dev"}},
	{form: lambda, role: "orders-dev-trigger-role", label: "orders-dev-trigger", agents: []string{jsLambda}, fleet: 2, weight: 20, mix: &consumer, tables: []string{"orders-dev"}},
	{form: pipeline, role: "github-deploy", label: "repo:example/shop:pull_request", agents: []string{terraform}, fleet: 2, weight: 10, mix: &deploy, tables: []string{"customers", "orders-dev", "test.scratch"}},
	{form: root, agents: []string{browser}, fleet: 1, weight: 1, mix: &people, tables: []string{"test.scratch"}},
}

// dynamodbItself is the service as a caller.
var dynamodbItself = actor{form: awsService, role: "dynamodb", label: "dynamodb.amazonaws.com", agents: []string{"dynamodb.amazonaws.com"}, fleet: 1}

// strangers sign in the ways that no everyday actor of the sample does.
var strangers = []actor{
	{form: awsService, role: "backup", label: "backup.amazonaws.com", agents: []string{"backup.amazonaws.com"}, fleet: 1},
	{form: typeless, role: "internal", agents: []string{"AWS Internal"}, fleet: 1},
	{form: samlUser, role: "saml", label: "kai.brandt@example.com", agents: []string{firefox}, fleet: 1},
	{form: webUser, role: "web", label: "repo:example/shop:environment:prod", agents: []string{goPod}, fleet: 1},
	{form: directory, role: "directory", label: "b.osei", agents: []string{browser}, fleet: 1},
	{form: unknownUser, role: "unknown", label: "someone", agents: []string{cli}, fleet: 1},
	{form: plainRole, role: "batch-runner", agents: []string{pyBatch}, fleet: 1},
	{form: root, agents: []string{browser}, fleet: 1},
	{form: federated, role: "bi-tool", label: "looker-prod", agents: []string{pyBatch}, fleet: 1},
	{form: identityCenter, label: "e2a5c4d6-50d1-70fa-8c5e-3b1f60a7d9c2", agents: []string{browser}, fleet: 1},
	{form: outsider, role: "partner-sync", agents: []string{pyBatch}, fleet: 1},
	{form: glue, role: "glue-clickstream", agents: []string{pyBatch}, fleet: 1},
	{form: linked, role: "AWSServiceRoleForBackup", label: "backup.amazonaws.com", agents: []string{"backup.amazonaws.com"}, fleet: 1},
}
