//! A small httpbin for the tour: HTTP/1.1 on tokio alone. It has what the tour calls, and responds as the real one does.

use std::collections::BTreeMap;
use std::io::Result;
use std::time::Duration;

use apisession::{Base64, Url};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A server on a free port of this machine. It stops when it is dropped.
#[derive(Debug)]
pub struct Server {
    url: String,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts a server.
    ///
    /// # Errors
    ///
    /// If no port is free.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let base = url.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let base = base.clone();
                // A connection that fails is reported by its client.
                tokio::spawn(async move { serve(stream, &base).await });
            }
        });
        Ok(Self { url, task })
    }

    /// Returns the base URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, base: &str) -> Result<()> {
    let (reader, mut writer) = stream.split();
    let mut reader = BufReader::new(reader);
    while let Some(request) = Request::read(&mut reader, base).await? {
        let Response { status, headers, pieces, pause } = request.respond().await;
        let length: usize = pieces.iter().map(Vec::len).sum();
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = if has_body(status) { format!("content-length: {length}\r\n") } else { String::new() };
        writer.write_all(format!("HTTP/1.1 {status} .\r\n{headers}{length}\r\n").as_bytes()).await?;
        for piece in pieces {
            writer.write_all(&piece).await?;
            writer.flush().await?;
            tokio::time::sleep(pause).await;
        }
    }
    Ok(())
}

fn has_body(status: u16) -> bool {
    !matches!(status, 204 | 304)
}

struct Request {
    method: String,
    url: Url,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

struct Response {
    status: u16,
    headers: Vec<(&'static str, String)>,
    pieces: Vec<Vec<u8>>,
    /// How long to wait after each piece.
    pause: Duration,
}

impl Response {
    fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), pieces: Vec::new(), pause: Duration::ZERO }
    }

    fn json(value: &Value) -> Self {
        Self::body("application/json", value.to_string())
    }

    fn body(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut response = Self::status(200).with("content-type", content_type);
        response.pieces.push(body.into());
        response
    }

    fn redirect(location: impl Into<String>) -> Self {
        Self::status(302).with("location", location)
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// The same document, compressed in each of the three ways.
const GZIP: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xabV\xcaM-\xc9\xc8OQ\xb2Rrw\rQ\xd2Q\xca/\xcaL\xcf\xcc\x03r\r\x8d\xcc\
    \xf5\x0c\x80\xd0\x10(\x98\x91\x9a\x98\x92ZT\xacdU][\x0b\x00\x822\x91y2\x00\x00\x00";
const DEFLATE: &[u8] = b"x\x9c\xabV\xcaM-\xc9\xc8OQ\xb2Rrw\rQ\xd2Q\xca/\xcaL\xcf\xcc\x03r\r\x8d\xcc\xf5\x0c\x80\xd0\x10(\x98\x91\x9a\
    \x98\x92ZT\xacdU][\x0b\x00u\xdb\x0e\xc5";
const BROTLI: &[u8] = b"\x8b\x18\x80{\"method\":\"GET\",\"origin\":\"127.0.0.1\",\"headers\":{}}\x03";
/// A picture of one pixel.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU\x00\x00\x00\nIDATx\
    \x9cch\x00\x00\x00\x82\x00\x81w\xcdr\xb6\x00\x00\x00\x00IEND\xaeB`\x82";
const XML: &str = "<?xml version='1.0'?><slideshow title='Sample Slide Show' author='Yours Truly'>\
    <slide><title>Wake up to WonderWidgets!</title></slide><slide><title>Overview</title></slide></slideshow>";

impl Request {
    /// Reads a request; `None` at the end of the connection.
    async fn read(reader: &mut (impl AsyncBufReadExt + Unpin), base: &str) -> Result<Option<Self>> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).await? == 0 {
                return Ok(None);
            }
        }
        let (first, rest) = head.split_once("\r\n").unwrap_or_default();
        let (method, target) = first.split_once(' ').unwrap_or_default();
        let target = target.split(' ').next().unwrap_or_default();
        let pairs = rest.lines().filter_map(|line| line.split_once(": "));
        let headers: BTreeMap<_, _> =
            pairs.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body).await?;
        let url = Url::parse(&format!("{base}{target}")).map_err(std::io::Error::other)?;
        Ok(Some(Self { method: method.to_owned(), url, headers, body }))
    }

    async fn respond(&self) -> Response {
        let path: Vec<_> = self.url.path().trim_matches('/').split('/').collect();
        let number = |index: usize| path.get(index).and_then(|text| text.parse::<usize>().ok()).unwrap_or(1);
        match path[..] {
            ["get" | "post" | "put" | "patch" | "delete" | "anything", ..] => Response::json(&self.echo()),
            ["status", "418"] => {
                Response { status: 418, ..Response::body("text/plain", "    -=[ teapot ]=-\n") }
            }
            ["status", status] => Response::status(status.parse().unwrap_or(400)),
            ["basic-auth", user, password] => self.basic(user, password, 401),
            ["hidden-basic-auth", user, password] => self.basic(user, password, 404),
            ["bearer"] => {
                match self.headers.get("authorization").and_then(|value| value.strip_prefix("Bearer ")) {
                    Some(token) => Response::json(&json!({"authenticated": true, "token": token})),
                    None => Response::status(401).with("www-authenticate", "Bearer"),
                }
            }
            ["digest-auth", _, user, password, "SHA-256"] => self.digest(user, password),
            ["cookies"] => Response::json(&json!({"cookies": self.cookies()})),
            ["cookies", "set", name, value] => self.set_cookies([(name.to_owned(), value.to_owned())], ""),
            ["cookies", "set"] => self.set_cookies(self.args(), ""),
            ["cookies", "delete"] => self.set_cookies(self.args(), "; Max-Age=0"),
            ["relative-redirect" | "redirect", _] if number(1) > 1 => {
                Response::redirect(format!("/relative-redirect/{}", number(1) - 1))
            }
            ["relative-redirect" | "redirect", _] => Response::redirect("/get"),
            ["redirect-to"] => Response::redirect(self.args().remove("url").unwrap_or_default()),
            ["json"] => Response::json(&json!({"slideshow": {
                "title": "Sample Slide Show", "date": "date of publication", "author": "Yours Truly",
                "slides": [{"type": "all", "title": "Wake up to WonderWidgets!"}, {"type": "all", "title": "Overview"}],
            }})),
            ["xml"] => Response::body("application/xml", XML),
            ["robots.txt"] => Response::body("text/plain", "User-agent: *\nDisallow: /deny\n"),
            ["gzip"] => Response::body("application/json", GZIP).with("content-encoding", "gzip"),
            ["deflate"] => Response::body("application/json", DEFLATE).with("content-encoding", "deflate"),
            ["brotli"] => Response::body("application/json", BROTLI).with("content-encoding", "br"),
            ["uuid"] => Response::json(&json!({"uuid": "0b6f6e4e-6a6c-4c64-9d5c-3d1f0f4f5f10"})),
            ["base64", text] => Response::body("text/html; charset=utf-8", from_base64(text)),
            ["stream", _] => self.lines(number(1)),
            ["drip"] => {
                let (count, mut response) = (self.arg("numbytes", 10), Response::status(200));
                response.pieces = vec![b"*".to_vec(); count as usize];
                response.pause = Duration::from_secs_f64(self.arg("duration", 2) / count);
                response
            }
            ["range", _] => self.range(number(1)),
            ["delay", seconds] => {
                tokio::time::sleep(Duration::from_secs_f32(seconds.parse().unwrap_or(1.0))).await;
                Response::json(&self.echo())
            }
            ["headers"] => Response::json(&json!({"headers": self.shown_headers()})),
            ["ip"] => Response::json(&json!({"origin": "127.0.0.1"})),
            ["cache", seconds] => {
                let value = format!("public, max-age={seconds}");
                Response::json(&self.echo()).with("cache-control", value)
            }
            ["etag", tag] => match self.headers.get("if-none-match") {
                Some(known) if known.trim_matches('"') == tag => Response::status(304),
                _ => Response::json(&self.echo()).with("etag", tag),
            },
            ["image", "png"] => Response::body("image/png", PNG),
            _ => Response::status(404),
        }
    }

    /// What the request consists of.
    fn echo(&self) -> Value {
        let content_type = self.headers.get("content-type").map_or("", String::as_str);
        let (mut form, mut files) = (BTreeMap::new(), BTreeMap::new());
        if content_type == "application/x-www-form-urlencoded" {
            form = pairs(&String::from_utf8_lossy(&self.body));
        } else if let Some(boundary) = content_type.strip_prefix("multipart/form-data; boundary=") {
            for part in
                String::from_utf8_lossy(&self.body).split(&format!("--{}", boundary.trim_matches('"')))
            {
                let Some((head, text)) = part.split_once("\r\n\r\n") else { continue };
                let name = head.split("name=\"").nth(1).and_then(|rest| rest.split('"').next());
                let place = if head.contains("filename=") { &mut files } else { &mut form };
                place.insert(name.unwrap_or_default().to_owned(), text.trim_end_matches("\r\n").to_owned());
            }
        }
        json!({
            "method": self.method, "url": self.url.as_str(), "args": self.args(), "headers": self.shown_headers(),
            "data": String::from_utf8_lossy(&self.body), "json": serde_json::from_slice::<Value>(&self.body).ok(),
            "form": form, "files": files, "origin": "127.0.0.1",
        })
    }

    fn args(&self) -> BTreeMap<String, String> {
        pairs(self.url.query().unwrap_or_default())
    }

    fn arg(&self, name: &str, default: u32) -> f64 {
        self.args().get(name).and_then(|value| value.parse().ok()).unwrap_or(default.into())
    }

    /// The headers, with the names as httpbin writes them.
    fn shown_headers(&self) -> Map<String, Value> {
        let title = |word: &str| word[..1].to_uppercase() + &word[1..];
        let name = |name: &str| name.split('-').map(title).collect::<Vec<_>>().join("-");
        self.headers.iter().map(|(key, value)| (name(key), value.as_str().into())).collect()
    }

    fn basic(&self, user: &str, password: &str, otherwise: u16) -> Response {
        let expected = format!("Basic {}", Base64::from(format!("{user}:{password}").into_bytes()));
        match self.headers.get("authorization") {
            Some(value) if *value == expected => {
                Response::json(&json!({"authenticated": true, "user": user}))
            }
            _ => Response::status(otherwise).with("www-authenticate", "Basic realm=\"Fake Realm\""),
        }
    }

    /// RFC 7616, with SHA-256 and the quality of protection `auth`.
    fn digest(&self, user: &str, password: &str) -> Response {
        let sent = self.headers.get("authorization").map_or("", String::as_str);
        let part = |name: &str| {
            let value = sent.split([',', ' ']).find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
            value.unwrap_or_default().trim_matches('"')
        };
        let login = hash(&format!("{user}:httpbin:{password}"));
        let target = hash(&format!("{}:{}", self.method, self.url.path()));
        let (nonce, count, client) = (part("nonce"), part("nc"), part("cnonce"));
        if part("response") == hash(&format!("{login}:{nonce}:{count}:{client}:auth:{target}")) {
            return Response::json(&json!({"authenticated": true, "user": user}));
        }
        let challenge = "Digest realm=\"httpbin\", nonce=\"7ypf\", qop=\"auth\", algorithm=SHA-256";
        Response::status(401).with("www-authenticate", challenge)
    }

    fn cookies(&self) -> BTreeMap<&str, &str> {
        let all = self.headers.get("cookie").map_or("", String::as_str);
        all.split("; ").filter_map(|cookie| cookie.split_once('=')).collect()
    }

    fn set_cookies(&self, pairs: impl IntoIterator<Item = (String, String)>, attributes: &str) -> Response {
        let set = |(name, value)| format!("{name}={value}; Path=/{attributes}");
        pairs
            .into_iter()
            .fold(Response::redirect("/cookies"), |response, pair| response.with("set-cookie", set(pair)))
    }

    fn lines(&self, count: usize) -> Response {
        let line = |id| {
            let mut line = self.echo();
            line["id"] = json!(id);
            format!("{line}\n").into_bytes()
        };
        Response { pieces: (0..count).map(line).collect(), ..Response::body("application/json", "") }
    }

    /// Letters, or those of a range.
    fn range(&self, length: usize) -> Response {
        let all: Vec<u8> = (b'a'..=b'z').cycle().take(length).collect();
        let range = self.headers.get("range").and_then(|range| range.strip_prefix("bytes=")?.split_once('-'));
        let whole = |response: Response| {
            response.with("accept-ranges", "bytes").with("etag", format!("\"range{length}\""))
        };
        let Some((first, last)) = range else {
            return whole(Response::body("application/octet-stream", all));
        };
        let first: usize = first.parse().unwrap_or(0);
        let last = last.parse().unwrap_or(length - 1).min(length - 1);
        if first > last {
            return whole(Response::status(416).with("content-range", format!("bytes */{length}")));
        }
        let part = Response::body("application/octet-stream", &all[first..=last]);
        whole(
            Response { status: 206, ..part }.with("content-range", format!("bytes {first}-{last}/{length}")),
        )
    }
}

/// The pairs of a query or a form.
fn pairs(text: &str) -> BTreeMap<String, String> {
    let url = Url::parse(&format!("http://query/?{text}"));
    url.map(|url| url.query_pairs().into_owned().collect()).unwrap_or_default()
}

fn from_base64(text: &str) -> Vec<u8> {
    let decoded = serde_json::from_value::<Base64>(json!(text));
    decoded.map(|bytes| bytes.as_bytes().to_vec()).unwrap_or_default()
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
