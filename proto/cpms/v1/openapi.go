package cpmsv1

import _ "embed"

// OpenAPI is the document of the calls over HTTP (OpenAPI 2.0, JSON).
//
//go:embed cpms.swagger.json
var OpenAPI []byte
