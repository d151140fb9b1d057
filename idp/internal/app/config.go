package app

import (
	"cmp"
	"encoding/base64"
	"io"
	"path/filepath"
	"strings"
	"time"

	"eulogin.example/idp/internal/pkcs11"
	"eulogin.example/idp/internal/webpush"
	"eulogin.example/proto/kit/config"
	"eulogin.example/proto/kit/wire"
)

// Config is every setting of idp.
type Config struct {
	Development                 bool
	Issuer                      string
	HTTPAddr, GRPCAddr, OpsAddr string
	DataDir, Database, Expiring string
	ClientsDir                  string
	MTLS                        MTLS
	KeyEncryptionKey            []byte // nil: made in the data folder (development)
	PKCS11                      pkcs11.Config
	TLS                         wire.Files
	PKIDir, CPMSGRPC            string
	SMTP, SinkAddr, MailFrom    string
	MailPlain                   bool
	SMSURL, SMSToken            string
	SMSMethod                   bool
	PushKey, PushContact        string
	Product                     string
	PasswordProfile             string
	LinkValid                   time.Duration
	LostFactor                  time.Duration
	RefusedDomains              []string
	TrustedProxies              []string
	HashWorkers                 int
	AttestationRoots            string
	OTLP, LogFormat             string
}

// ReadConfig reads the settings; every fault is reported together. print lists them.
func ReadConfig(env func(string) string, print io.Writer) (Config, error) {
	r := config.FromEnv("IDP", env)
	c := Config{}
	c.Development = r.OneOf("PROFILE", "development", "what this process is for", "development", "production") == "development"
	c.Issuer = r.URL("ISSUER", "http://localhost:9000", "issuer of tokens; idp as browsers reach it, and the only address that mails link to")
	c.HTTPAddr = r.String("HTTP_ADDR", "127.0.0.1:9000", "pages, OpenID Connect and the phone app")
	c.GRPCAddr = r.String("GRPC_ADDR", "127.0.0.1:9001", "gRPC for services")
	c.OpsAddr = r.String("OPS_ADDR", "127.0.0.1:9002", "health, ready and metrics")
	c.DataDir = r.String("DATA_DIR", "./var/idp", "folder of the embedded database and development secrets")
	c.Database = r.Secret("DATABASE", "sqlite:"+filepath.Join(c.DataDir, "idp.db"), "sqlite:PATH or postgres://…")
	c.Expiring = r.Secret("EXPIRING", "embedded", "embedded or redis://…")
	c.ClientsDir = r.String("CLIENTS_DIR", "./var/idp/clients", "folder of client metadata, one JSON file a service")
	kek := r.Secret("KEY_ENCRYPTION_KEY", "", "32 bytes in base64 that seal the signing keys and the seeds of authenticator apps; made in the data folder when absent (development)")
	c.PKCS11 = pkcs11.Config{
		Module: r.String("PKCS11_MODULE", "", "shared library of a PKCS#11 token in which signing keys are made and kept, for example /usr/lib/softhsm/libsofthsm2.so; empty: they are sealed and lie in the database"),
		Token:  r.String("PKCS11_TOKEN", "", "label of that token"),
		PIN:    r.Secret("PKCS11_PIN", "", "PIN of its user"),
	}
	if p := c.PKCS11; (p.Module == "") != (p.Token == "") || (p.Module == "") != (p.PIN == "") {
		r.Fault("PKCS11_MODULE", "goes with PKCS11_TOKEN and PKCS11_PIN")
	}
	c.PKIDir = r.String("PKI_DIR", "./var/pki", "folder of the development CA")
	c.TLS = wire.Files{Cert: r.String("TLS_CERT", "", "certificate for gRPC"), Key: r.String("TLS_KEY", "", "its key"), CA: r.String("TLS_CA", "", "CA of both services")}
	c.CPMSGRPC = r.String("CPMS_GRPC", "127.0.0.1:9101", "where account events go")
	c.SMTP = r.Secret("SMTP_URL", "", "smtp://user:password@host:587 or smtps://…")
	c.SinkAddr = r.String("SMTP_SINK_ADDR", "", "where the development SMTP sink listens")
	c.MailFrom = r.String("MAIL_FROM", "", "sender of mails")
	c.SMSURL = r.String("SMS_GATEWAY_URL", "", "HTTP gateway for text messages; empty: phone numbers cannot be added")
	c.SMSToken = r.Secret("SMS_GATEWAY_TOKEN", "", "bearer token of the gateway")
	c.SMSMethod = r.OneOf("SMS_METHOD", map[bool]string{true: "on", false: "off"}[c.Development], "whether people can sign in with a code by text message; the weakest second factor, never phishing-resistant", "on", "off") == "on"
	c.PushKey = r.Secret("PUSH_KEY", "", "VAPID key that wakes phones whose app is closed, 32 bytes in base64; empty: nobody is woken, the open app hears all the same")
	c.PushContact = r.String("PUSH_CONTACT", "", "mailto: or https: address by which push services reach the operator; required with PUSH_KEY")
	c.Product = r.String("PRODUCT_NAME", "", "name of the product on every page and mail")
	c.PasswordProfile = r.OneOf("PASSWORD_PROFILE", "guide", "rule for new passwords", "guide", "eulogin-2024", "nist-63b4")
	c.LinkValid = time.Duration(r.Int("LINK_MINUTES", 5, 5, 1440, "how long mailed links are valid, in minutes")) * time.Minute
	c.LostFactor = time.Duration(r.Int("LOST_FACTOR_MINUTES", 4320, 0, 43200, "how long people wait who lost every second factor, in minutes; production: a day or more")) * time.Minute
	c.RefusedDomains = r.List("REFUSED_DOMAINS", "", "mail domains that cannot register, for example of institutions with accounts of their own")
	c.TrustedProxies = r.List("TRUSTED_PROXIES", "", "address ranges whose X-Forwarded-For counts, for example 10.0.0.0/8")
	c.AttestationRoots = r.String("ATTESTATION_ROOTS", "", "folder of *.pem: makers of security keys whose attestation counts (acr phrh); empty: none is asked for")
	c.mtls(r)
	c.HashWorkers = r.Int("HASH_WORKERS", 2, 1, 64, "passwords hashed at once; each takes 19 MiB")
	c.OTLP = r.String("OTLP_ENDPOINT", "", "OpenTelemetry collector, for example http://collector:4317")
	c.LogFormat = r.OneOf("LOG_FORMAT", map[bool]string{true: "text", false: "json"}[c.Development], "format of logs", "text", "json")
	c.key(r, kek)
	if c.PushKey != "" {
		if _, err := webpush.NewIdentity(c.PushKey, c.PushContact); err != nil {
			r.Fault("PUSH_KEY", err.Error())
		}
	}
	c.profile(r)
	if print != nil {
		r.Print(print)
	}
	return c, r.Err()
}

func (c *Config) key(r *config.Reader, text string) {
	if text == "" {
		return
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != 32 {
		r.Fault("KEY_ENCRYPTION_KEY", "must be 32 bytes in base64, for example from: openssl rand -base64 32")
		return
	}
	c.KeyEncryptionKey = raw
}

// profile fills what only development may leave open, and refuses it elsewhere.
func (c *Config) profile(r *config.Reader) {
	if c.Development {
		c.SinkAddr = cmp.Or(c.SinkAddr, "127.0.0.1:9025")
		c.SMTP, c.MailPlain = cmp.Or(c.SMTP, "smtp://"+local(c.SinkAddr)), true
		c.MailFrom = cmp.Or(c.MailFrom, "EU Login <eulogin@eulogin.example>")
		c.Product = cmp.Or(c.Product, "EU Login")
		if c.TLS.Cert == "" {
			c.TLS = wire.DevFiles(c.PKIDir, "idp")
		}
		return
	}
	for name, value := range map[string]string{
		"SMTP_URL": c.SMTP, "MAIL_FROM": c.MailFrom, "PRODUCT_NAME": c.Product, "KEY_ENCRYPTION_KEY": string(c.KeyEncryptionKey),
		"TLS_CERT": c.TLS.Cert, "TLS_KEY": c.TLS.Key, "TLS_CA": c.TLS.CA,
	} {
		if value == "" {
			r.Fault(name, "is required in the production profile")
		}
	}
	if c.SMSMethod && c.SMSURL == "" {
		r.Fault("SMS_GATEWAY_URL", "is required where SMS_METHOD is on")
	}
	if c.LostFactor < 24*time.Hour {
		r.Fault("LOST_FACTOR_MINUTES", "must be at least 1440 in the production profile: the owner needs time to stop a thief")
	}
	if c.SinkAddr != "" {
		r.Fault("SMTP_SINK_ADDR", "is for the development profile")
	}
	if !strings.HasPrefix(c.Issuer, "https://") {
		r.Fault("ISSUER", "must be https in the production profile")
	}
	if strings.EqualFold(c.Product, "EU Login") {
		r.Fault("PRODUCT_NAME", "must be your own: this is not the European Commission's service")
	}
}

// local gives an address to dial for one to listen at.
func local(listen string) string {
	if strings.HasPrefix(listen, ":") {
		return "127.0.0.1" + listen
	}
	return listen
}
