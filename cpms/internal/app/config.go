package app

import (
	"cmp"
	"io"
	"path/filepath"
	"strings"

	"eulogin.example/proto/kit/config"
	"eulogin.example/proto/kit/wire"
)

// Config is every setting of cpms.
type Config struct {
	Development                          bool
	BaseURL, Issuer, IDPInternal         string
	HTTPAddr, GRPCAddr, OpsAddr, IDPGRPC string
	DataDir, Database, Expiring          string
	ClientKey                            string // PEM, or "" = the data folder's own
	KeyEncryptionKey                     []byte // seals the keys of receipts; nil = the data folder's own
	TLS                                  wire.Files
	PKIDir                               string
	SMTP, MailFrom                       string
	MailPlain                            bool
	Product                              string
	Coordinators                         map[string]string // subject -> network slug or "*"
	APIClients                           []string          // clients of idp whose access tokens count at /api
	APICallers                           []string          // names in certificates of services that call cpms.v1.AccessRequests
	GrantCallers                         []string          // names in certificates of services that ask about anybody's access
	RefereeRequired                      bool              // approvals need the word of the named sponsor or representative
	OTLP, LogFormat                      string
}

// ReadConfig reads the settings; every fault is reported together. print lists them.
func ReadConfig(env func(string) string, print io.Writer) (Config, error) {
	r := config.FromEnv("CPMS", env)
	c := Config{}
	var err error
	c.Development = r.OneOf("PROFILE", "development", "what this process is for", "development", "production") == "development"
	c.BaseURL = r.URL("BASE_URL", "http://localhost:9100", "cpms as browsers reach it")
	c.Issuer = r.URL("ISSUER", "http://localhost:9000", "issuer of idp's tokens")
	c.IDPInternal = r.String("IDP_INTERNAL_URL", "", "idp as this process reaches it, when that is not the issuer")
	c.HTTPAddr = r.String("HTTP_ADDR", "127.0.0.1:9100", "pages")
	c.GRPCAddr = r.String("GRPC_ADDR", "127.0.0.1:9101", "gRPC for idp")
	c.OpsAddr = r.String("OPS_ADDR", "127.0.0.1:9102", "health, ready and metrics")
	c.IDPGRPC = r.String("IDP_GRPC", "127.0.0.1:9001", "idp's gRPC")
	c.DataDir = r.String("DATA_DIR", "./var/cpms", "folder of the embedded database and the client key")
	c.Database = r.Secret("DATABASE", "sqlite:"+filepath.Join(c.DataDir, "cpms.db"), "sqlite:PATH or postgres://…")
	c.Expiring = r.Secret("EXPIRING", "embedded", "embedded or redis://…")
	c.ClientKey = r.Secret("CLIENT_KEY", "", "private key (PKCS #8 PEM) that signs client assertions; made in the data folder when absent (development)")
	kek := r.Secret("KEY_ENCRYPTION_KEY", "", "32 bytes in base64 that seal the keys which sign receipts of decisions; made in the data folder when absent (development)")
	c.PKIDir = r.String("PKI_DIR", "./var/pki", "folder of the development CA")
	c.TLS = wire.Files{Cert: r.String("TLS_CERT", "", "certificate for gRPC"), Key: r.String("TLS_KEY", "", "its key"), CA: r.String("TLS_CA", "", "CA of both services")}
	c.SMTP = r.Secret("SMTP_URL", "", "smtp://user:password@host:587 or smtps://…")
	c.MailFrom = r.String("MAIL_FROM", "", "sender of mails")
	c.Product = r.String("PRODUCT_NAME", "", "name of the product on every page and mail")
	pairs := r.List("DEV_COORDINATORS", "", "subject=network pairs that get the role COORDINATOR (development); * is all networks")
	c.APICallers = r.List("API_CALLERS", "", "names in the certificates of services that may call gRPC in persons' names (cpms.v1.AccessRequests)")
	c.GrantCallers = r.List("GRANT_CALLERS", "", "names in the certificates of services that may ask over gRPC whether anybody has access (cpms.v1.Grants)")
	c.APIClients = r.List("API_CLIENTS", "", "clients of idp whose access tokens count at /api/v1; they go into client-metadata")
	c.RefereeRequired = r.OneOf("REFEREES", "asked", "whether a request that names a sponsor or hospital representative can be approved before they confirmed it", "asked", "required") == "required"
	c.OTLP = r.String("OTLP_ENDPOINT", "", "OpenTelemetry collector, for example http://collector:4317")
	c.LogFormat = r.OneOf("LOG_FORMAT", map[bool]string{true: "text", false: "json"}[c.Development], "format of logs", "text", "json")
	if c.KeyEncryptionKey, err = sealKey(kek); err != nil {
		r.Fault("KEY_ENCRYPTION_KEY", "must be 32 bytes in base64, for example from: openssl rand -base64 32")
	}
	c.profile(r, pairs)
	if print != nil {
		r.Print(print)
	}
	return c, r.Err()
}

// profile fills what only development may leave open, and refuses it elsewhere.
func (c *Config) profile(r *config.Reader, pairs []string) {
	if c.Development {
		c.SMTP, c.MailPlain = cmp.Or(c.SMTP, "smtp://127.0.0.1:9025"), true
		c.MailFrom = cmp.Or(c.MailFrom, "CPMS 2.0 <cpms@eulogin.example>")
		c.Product = cmp.Or(c.Product, "CPMS 2.0")
		if len(pairs) == 0 {
			pairs = []string{"n00coordeye=ern-eye", "n00coordall=*"}
		}
		c.Coordinators = map[string]string{}
		for _, p := range pairs {
			sub, network, ok := strings.Cut(p, "=")
			if !ok {
				r.Fault("DEV_COORDINATORS", "must be subject=network pairs")
			}
			c.Coordinators[sub] = network
		}
		if c.TLS.Cert == "" {
			c.TLS = wire.DevFiles(c.PKIDir, "cpms")
		}
		return
	}
	for name, value := range map[string]string{"SMTP_URL": c.SMTP, "MAIL_FROM": c.MailFrom, "PRODUCT_NAME": c.Product, "CLIENT_KEY": c.ClientKey, "KEY_ENCRYPTION_KEY": string(c.KeyEncryptionKey), "TLS_CERT": c.TLS.Cert, "TLS_KEY": c.TLS.Key, "TLS_CA": c.TLS.CA} {
		if value == "" {
			r.Fault(name, "is required in the production profile")
		}
	}
	for name, address := range map[string]string{"BASE_URL": c.BaseURL, "ISSUER": c.Issuer} {
		if !strings.HasPrefix(address, "https://") {
			r.Fault(name, "must be https in the production profile")
		}
	}
	if len(pairs) > 0 {
		r.Fault("DEV_COORDINATORS", "is for the development profile")
	}
}
