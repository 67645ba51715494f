//! Key material that is almost right: it is read where it can be, and each error names the file, the cause and what to do.

use std::path::Path;

use apisession::Jwt;
use apisession::prelude::*;
use apisession::tls::{ClientCertificate, Tls};
use apisession_tests::{tokio, watched};
use faults::tls::{Authority, Issued, TlsServer, parameters};
use tempfile::TempDir;

use super::tls::{logged, to_pkcs12};

#[derive(Clone, APISession)]
#[session(base_url = "https://declared.test", max_attempts = 1)]
struct Acme {
    session: Session,
}

const BOM: &str = "\u{feff}";

fn indented(pem: &str) -> String {
    pem.lines().map(|line| format!("    {line}  \r\n")).collect()
}

async fn connects(server: &TlsServer, tls: Tls) -> Result<()> {
    watched(Acme::builder().base_url(server.url()).tls(tls).build()?.raw().get("/x")).await.map(drop)
}

#[tokio::test]
async fn fault_c4_a_byte_order_mark_and_indentation_hide_no_certificate() {
    let authority = Authority::new("authority");
    let stranger = Authority::new("stranger").pem();
    let issued = authority.issue(&parameters("ana", &[]));
    let server = TlsServer::start(&authority.local(), Some(&authority)).await;
    let folder = TempDir::new().unwrap();
    let pem = authority.pem();
    let rows = [
        format!("{BOM}{pem}"),
        format!("{BOM}\n{pem}"),
        // Two files that were joined.
        format!("{BOM}{stranger}{BOM}{pem}"),
        format!("{BOM}# a comment\r\n{pem}"),
        indented(&pem),
        pem.replace('\n', "\r\n"),
        pem.replace('\n', "\r"),
    ];
    let certificate = || ClientCertificate::pem(issued.combined());
    for (row, text) in rows.iter().enumerate() {
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, text).unwrap();
        for tls in [
            Tls::new().add_ca_pem(text.clone()),
            Tls::new().add_ca_file(&file),
            Tls::new().add_ca_directory(folder.path()),
        ] {
            let tls = tls.only_added_cas().client_certificate(certificate());
            connects(&server, tls).await.unwrap_or_else(|error| panic!("{row}: {error:#}"));
        }
    }
    // The same for the client's own certificate, and its key.
    let Issued { certificate, key } = issued;
    let rows = [
        format!("{BOM}{key}{BOM}{certificate}"),
        format!("{BOM}{certificate}\n{BOM}{key}"),
        format!("{}{}", indented(&certificate), indented(&key)),
    ];
    for (row, text) in rows.into_iter().enumerate() {
        let tls = Tls::new().add_ca_pem(authority.pem()).only_added_cas();
        let tls = tls.client_certificate(ClientCertificate::pem(text));
        connects(&server, tls).await.unwrap_or_else(|error| panic!("{row}: {error:#}"));
    }
    Jwt::private_key(format!("{BOM}{}", indented(&key))).unwrap().sign().unwrap();
    // A host that is known stays known.
    let known = folder.path().join("known_hosts");
    for line in ["localhost sha256/x", "localhost\tsha256/x", "  LOCALHOST  sha256/x"] {
        std::fs::write(&known, format!("{BOM}{line}\n")).unwrap();
        let error = connects(&server, Tls::new().trust_on_first_use(&known)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CertificateNotPinned, "{line}: {error:#}");
    }
}

#[tokio::test]
async fn fault_c4_a_directory_of_authorities_is_read_as_far_as_it_can_be() {
    let authority = Authority::new("authority");
    let server = TlsServer::start(&authority.local(), None).await;
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let key = authority.local().key;
    let no_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let unusable = [
        ("a-garbage.pem", "no PEM at all".to_owned()),
        ("b-empty.crt", String::new()),
        ("c-cut.pem", authority.pem()[..90].to_owned()),
        ("d-key.pem", key.clone()),
        ("e-damaged.crt", no_certificate.to_owned()),
    ];
    for (name, text) in &unusable {
        std::fs::write(path(name), text).unwrap();
    }
    std::fs::create_dir(path("f-folder.pem")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(path("nowhere"), path("g-dangling.pem")).unwrap();
    let tls = || Tls::new().add_ca_directory(folder.path()).only_added_cas();
    // Nothing that can be used is an error, with a cause.
    let error = connects(&server, tls()).await.unwrap_err();
    let shown = error.report();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(
        shown.contains(&folder.path().display().to_string()) && shown.contains("no certificate"),
        "{shown}"
    );
    assert!(!shown.contains(key.lines().nth(1).unwrap()), "{shown}");
    // One that can is enough, next to what can't in the same file.
    std::fs::write(path("Z-GOOD.PEM"), format!("{no_certificate}{}", authority.pem())).unwrap();
    let (end, log) = logged(connects(&server, tls())).await;
    end.unwrap();
    for (name, _) in &unusable {
        assert!(log.contains(name), "{name}: {log}");
    }
    assert!(log.contains("g-dangling.pem") || !cfg!(unix), "{log}");
    assert!(log.contains("Z-GOOD.PEM") && !log.contains("f-folder.pem"), "{log}");
    let empty = TempDir::new().unwrap();
    let error = Acme::builder().tls(Tls::new().add_ca_directory(empty.path())).build().err().unwrap();
    assert!(error.to_string().contains("`.pem` or `.crt`"), "{error}");
}

#[tokio::test]
async fn fault_c4_an_error_of_key_material_names_file_cause_and_remedy() {
    let authority = Authority::new("authority");
    let Issued { certificate, key } = authority.issue(&parameters("ana", &[]));
    let folder = TempDir::new().unwrap();
    let write = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let good = write("good.pem", format!("{certificate}{key}").as_bytes());
    let secret = key.lines().nth(1).unwrap();
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(key.bytes().flat_map(|byte| [byte, 0])).collect();
    let one_line = key.replace('\n', " ");
    let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let legacy = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,AB\n\nAAAA\n\
                  -----END RSA PRIVATE KEY-----\n";
    let openssh = key.replace("PRIVATE KEY", "OPENSSH PRIVATE KEY");
    // What the text of a key is, and the cause and the remedy that the error names.
    let (literal, literal_crlf) = (key.replace('\n', "\\n"), key.replace('\n', "\\r\\n"));
    let public = key.replace("PRIVATE KEY", "PUBLIC KEY");
    let rows: [(&str, &[u8], &[&str]); 12] = [
        ("encrypted.key", encrypted.as_bytes(), &["encrypted", "openssl pkey"]),
        ("legacy.key", legacy.as_bytes(), &["encrypted", "openssl pkey"]),
        ("openssh.key", openssh.as_bytes(), &["OpenSSH", "ssh-keygen"]),
        ("literal.key", literal.as_bytes(), &["`\\n`", "line break"]),
        ("literal_crlf.key", literal_crlf.as_bytes(), &["`\\n`", "line break"]),
        ("one_line.key", one_line.as_bytes(), &["line breaks"]),
        ("cut.key", &key.as_bytes()[..90], &["not valid PEM", "cut off"]),
        ("public.key", public.as_bytes(), &["no private key", "`PUBLIC KEY`"]),
        ("utf16.key", &utf16, &["UTF-16", "UTF-8"]),
        ("binary.key", b"\x30\x82\x01\xff\xff\x02\x01", &["binary", "openssl"]),
        ("empty.key", b" \n", &["is empty"]),
        ("text.key", b"s3cret", &["no private key in PEM", "-----BEGIN"]),
    ];
    let refused = |tls: Tls| {
        let error = Acme::builder().tls(tls).build().err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
        assert!(!error.report().contains(secret), "{}", error.report());
        error.to_string()
    };
    let identity = |certificate: &Path, key: &Path| {
        refused(Tls::new().client_certificate(ClientCertificate::files(certificate, key)))
    };
    for (name, content, expected) in rows {
        let file = write(name, content);
        let of_jwt = Jwt::private_key(content).unwrap_err();
        assert_eq!(of_jwt.kind(), ErrorKind::Configuration, "{name}");
        for message in [identity(&good, &file), format!("{name}: {of_jwt}")] {
            assert!(message.contains(name), "{message}");
            for part in expected {
                assert!(message.contains(part), "{name}: {part}: {message}");
            }
        }
    }
    // The same of certificates, which authorities are as well.
    let literal = certificate.replace('\n', "\\n");
    let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (name, content, expected) in [
        ("literal.crt", literal.as_bytes(), "`\\n`"),
        ("cut.crt", &certificate.as_bytes()[..90], "cut off"),
        ("key.crt", key.as_bytes(), "`PRIVATE KEY`"),
        ("base64.crt", b"-----BEGIN CERTIFICATE-----\n****\n-----END CERTIFICATE-----\n", "not base64"),
        ("damaged.crt", damaged.as_bytes(), "contains a certificate"),
        ("empty.crt", b"", "is empty"),
    ] {
        let file = write(name, content);
        for message in [identity(&file, &good), refused(Tls::new().add_ca_file(&file))] {
            assert!(message.contains(name) && message.contains(expected), "{name}: {message}");
        }
        assert!(refused(Tls::new().add_ca_pem(content)).contains(expected), "{name}");
    }
    // A key that is not that of the certificate.
    let other = write("other.key", authority.issue(&parameters("bea", &[])).key.as_bytes());
    let message = identity(&good, &other);
    assert!(message.contains("good.pem") && message.contains("don't match"), "{message}");
    let missing = folder.path().join("missing.key");
    assert!(identity(&good, &missing).contains("missing.key can't be read"));
    // PKCS#12.
    let issued = Issued { certificate: certificate.clone(), key: key.clone() };
    let whole = to_pkcs12(&issued, "pa55word");
    let rows: [(&str, &[u8], &str, &str); 6] = [
        ("wrong.p12", &whole, "wr0ng", "password is wrong"),
        ("no_password.p12", &whole, "", "password is wrong"),
        ("cut.p12", &whole[..whole.len() / 2], "pa55word", "damaged"),
        ("pem.p12", certificate.as_bytes(), "pa55word", "`ClientCertificate::file`"),
        ("text.p12", b"no PKCS#12", "pa55word", "not PKCS#12"),
        ("empty.p12", b"", "pa55word", "is empty"),
    ];
    for (name, content, password, expected) in rows {
        let file = write(name, content);
        let message = refused(Tls::new().client_certificate(ClientCertificate::pkcs12_file(&file, password)));
        assert!(message.contains(name) && message.contains(expected), "{name}: {message}");
        assert!(!message.contains("wr0ng") && !message.contains("pa55word"), "{message}");
    }
}
