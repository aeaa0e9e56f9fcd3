package detect

import (
	"fmt"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

var streamSwitchedOn = event(Detection{
	ID: "DDB-EXF-014", Version: 1, Title: "Stream of a table switched on", Severity: schema.SeverityMedium,
	Needs: []Need{NeedControl}, Attack: []string{"T1119"},
	Looks:       "an UpdateTable that switches a stream on: from then on every change can be read by who may read the stream. What else a stream shows than keys, it says",
	FalseAlarms: "a roll-out by infrastructure code that no rule allows yet",
	Advice:      "see who reads it: functions with the stream as a source (DDB-EXF-016), and GetRecords (DDB-EXF-017)",
}, plain{}, func(r *Run, _ *plain, e *Event) string {
	if !e.Is("dynamodb", "UpdateTable") || !e.OK() {
		return ""
	}
	request, _ := r.request(e)
	stream := request.At("streamSpecification")
	if on, _ := stream.At("streamEnabled").Bool(); !on {
		return ""
	}
	view := stream.At("streamViewType").Text()
	shows := "keys only"
	if strings.Contains(view, "IMAGE") {
		shows = "whole items"
	}
	return fmt.Sprintf("the stream of %s was switched on; it shows %s (%s)", e.table(), shows, shown(view))
})

type kinesisParams struct {
	StreamARNs []string `yaml:"stream_arns"` // globs of the streams that changes may go to
}

var kinesisDestination = apart(Detection{
	ID: "DDB-EXF-015", Version: 1, Title: "Changes of a table sent to an unlisted Kinesis stream", Severity: schema.SeverityHigh,
	Needs: []Need{NeedControl, NeedParams}, Attack: []string{"T1119", "T1537"},
	Looks:       "a Kinesis stream that is made a destination of a table's changes and is none of stream_arns",
	FalseAlarms: "a roll-out whose stream nobody has listed yet",
	Advice:      "see whose stream it is and who reads it; DisableKinesisStreamingDestination ends it",
}, kinesisParams{}, func(r *Run, p *kinesisParams, e *Event) (why, about string) {
	if !e.Is("dynamodb", "EnableKinesisStreamingDestination", "UpdateKinesisStreamingDestination") || !e.OK() {
		return "", ""
	}
	stream := e.Request().At("streamArn").Text()
	switch {
	case len(p.StreamARNs) == 0:
		r.NotEvaluated("stream_arns is empty")
	case stream == "":
		r.NotEvaluated("the record does not say which Kinesis stream")
	case !listed(p.StreamARNs, stream):
		return fmt.Sprintf("changes of %s go to %s, which is not one they may go to", e.table(), shown(stream)), stream
	}
	return "", ""
})

type consumerParams struct {
	Functions []string `yaml:"functions"` // names of functions or globs of their ARNs that may read streams
}

var streamConsumer = apart(Detection{
	ID: "DDB-EXF-016", Version: 1, Title: "New reader of a table's stream", Severity: schema.SeverityMedium,
	Needs: []Need{NeedOther}, Attack: []string{"T1546", "T1648"},
	Looks:       "a Lambda function that is given a table's stream as a source of events, and is none of functions",
	FalseAlarms: "a deployment that no rule allows and whose function nobody has listed",
	Advice:      "read the function's code and see where it sends what it gets; who wrote it need not be who connected it",
}, consumerParams{}, func(r *Run, p *consumerParams, e *Event) (why, about string) {
	if !strings.HasPrefix(e.EventName, "CreateEventSourceMapping") || e.Service() != "lambda" || !e.OK() {
		return "", ""
	}
	source, function := e.Request().At("eventSourceArn").Text(), e.Request().At("functionName").Text()
	switch arn, ok := schema.ParseTableARN(source); {
	case source == "":
		r.NotEvaluated("the record does not say what the function reads")
		return "", ""
	case !ok || !strings.HasPrefix(arn.Sub, "stream/"):
		return "", ""
	case listed(p.Functions, function, e.Response().At("functionArn").Text()):
		return "", ""
	}
	return fmt.Sprintf("the function %s reads the stream of %s from now on", shown(function), e.table()), function
})

var firstStreamRead = event(Detection{
	ID: "DDB-EXF-017", Version: 1, Title: "Stream read by someone who never did", Severity: schema.SeverityMedium,
	Needs: []Need{NeedStreams, NeedHistory}, Attack: []string{"T1119"},
	Looks:       "GetRecords or GetShardIterator on a table's stream by a principal that has not read it in the last 30 days. Trails log these only with data events of AWS::DynamoDB::Stream selected",
	FalseAlarms: "a new function, or a replica that was added",
	Advice:      "see what the principal is and who deployed it; a stream shows every change for a day back",
}, plain{}, func(r *Run, _ *plain, e *Event) string {
	if e.Op != schema.OpReadStream || !e.OK() || !r.newTo(e, ByOp, schema.OpReadStream) {
		return ""
	}
	return fmt.Sprintf("the stream of %s was read by a principal that has not read it in %d days", e.table(), forgotten)
})
