package client

// SelfRegistered are the members that a client may register by itself, at the registration endpoint
// (RFC 7591 §2, OpenID Connect Registration §2, and what other specifications add to them). What it says
// beside them is ignored; only operators decide it.
var SelfRegistered = []string{
	"client_name", "client_uri", "contacts", "application_type", "logo_uri", "policy_uri", "tos_uri",
	"redirect_uris", "grant_types", "response_types", "scope",
	"token_endpoint_auth_method", "token_endpoint_auth_signing_alg", "jwks", "jwks_uri",
	"tls_client_auth_subject_dn", "tls_client_auth_san_dns", "tls_client_auth_san_uri", "tls_client_auth_san_ip", "tls_client_auth_san_email",
	"subject_type", "sector_identifier_uri",
	"id_token_signed_response_alg", "id_token_encrypted_response_alg", "id_token_encrypted_response_enc",
	"userinfo_signed_response_alg", "userinfo_encrypted_response_alg", "userinfo_encrypted_response_enc",
	"introspection_signed_response_alg", "introspection_encrypted_response_alg", "introspection_encrypted_response_enc",
	"default_max_age", "default_acr_values", "require_auth_time",
	"request_object_signing_alg", "require_signed_request_object", "require_pushed_authorization_requests",
	"dpop_bound_access_tokens", "tls_client_certificate_bound_access_tokens",
	"post_logout_redirect_uris", "backchannel_logout_uri", "backchannel_logout_session_required",
	"frontchannel_logout_uri", "frontchannel_logout_session_required",
	"profile",
}

// SelfGrants are the grants that a client may register by itself: those in which a browser comes back to
// an address of it. All others reach people, or get tokens, without.
var SelfGrants = []string{"authorization_code", "refresh_token"}

// operatorsOnly are all other members, with the reason.
var operatorsOnly = map[string]string{
	"client_id":                                "it is given",
	"exchanges":                                "it opens other clients' tokens",
	"introspects":                              "it opens other clients' tokens",
	"resources":                                "it opens other services",
	"resource_identifiers":                     "it takes a resource",
	"authorization_details_types":              "it opens other services",
	"authorization_details_definitions":        "it says how people read what others ask for",
	"access_token_format":                      "the audience decides",
	"access_token_signed_response_alg":         "the audience decides",
	"access_token_lifetime":                    "how long what was given away is good is the operator's risk",
	"id_token_lifetime":                        "as above",
	"refresh_token_lifetime":                   "as above",
	"integration_check":                        "it is answered wrongly on purpose",
	"initiate_login_uri":                       "it goes with integration_check",
	"groups":                                   "which groups it hears of is not for the service to say",
	"allowed_groups":                           "who may sign in is not for the service to say",
	"require_pkce":                             "whether a code may go without is the operator's risk",
	"consent":                                  "whether people must agree to it is not for the service to say: of one that registers itself they must",
	"backchannel_token_delivery_mode":          "it reaches people without a browser",
	"backchannel_client_notification_endpoint": "as above",
}
