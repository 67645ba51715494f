//! Operations of six vendors, and those of the issue on bodies, declared as an SDK declares them. Each sends what the vendor's document
//! asks for.

#![expect(dead_code, unreachable_pub, reason = "an SDK's crate exports all of it")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use apisession::http::HeaderMap;
use apisession::prelude::*;
use apisession::transport::{Failure, Memory};
use apisession::{Request, Xml};
use apisession_tests::{Pieces, respond, tokio};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a call has sent.
#[derive(Debug)]
struct Sent {
    /// `POST https://api.test/path?query`, decoded.
    line: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Sent {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The content type, and the body as text.
    fn body(&self) -> (&str, &str) {
        (self.header("content-type"), std::str::from_utf8(&self.body).unwrap())
    }

    /// The parts of a multipart body, as another parser reads them: name, name of the file, type, content.
    async fn parts(&self) -> Vec<[String; 4]> {
        let boundary = multer::parse_boundary(self.header("content-type")).unwrap();
        let mut form = multer::Multipart::new(Pieces::new([self.body.clone()], Duration::ZERO), boundary);
        let mut parts = Vec::new();
        while let Some(part) = form.next_field().await.unwrap() {
            let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
            let content_type = part.content_type().map(ToString::to_string).unwrap_or_default();
            let (name, file_name) = (text(part.name()), text(part.file_name()));
            parts.push([name, file_name, content_type, part.text().await.unwrap()]);
        }
        parts
    }
}

/// What was sent to a vendor.
#[derive(Clone, Default)]
struct Vendor(Arc<Mutex<Vec<Sent>>>);

impl Vendor {
    /// A transport that responds with this JSON to each request.
    fn responding(response: &Value) -> (Memory, Self) {
        let (response, vendor) = (response.to_string(), Self::default());
        let kept = Arc::clone(&vendor.0);
        let transport = Memory::new(move |mut request: Request| {
            let (response, kept) = (respond(200, &response), Arc::clone(&kept));
            async move {
                let mut body = Vec::new();
                while let Some(piece) = request.body.chunk().await.map_err(Failure::unknown)? {
                    body.extend_from_slice(&piece);
                }
                let mut url = request.url.clone();
                url.set_query(None);
                let pairs = request.url.query_pairs().map(|(name, value)| format!("{name}={value}"));
                let query = pairs.collect::<Vec<_>>().join("&");
                let mark = if query.is_empty() { "" } else { "?" };
                let line = format!("{} {url}{mark}{query}", request.method);
                kept.lock().unwrap().push(Sent { line, headers: request.headers, body: body.into() });
                Ok(response)
            }
        });
        (transport, vendor)
    }

    /// The only request.
    fn only(&self) -> Sent {
        let mut sent = self.0.lock().unwrap();
        assert_eq!(sent.len(), 1, "{sent:?}");
        sent.remove(0)
    }
}

mod forgejo {
    use super::*;

    /// What operations on a repository are known to fail with.
    #[derive(Debug, ApiError)]
    pub enum RepoError {
        /// It does not exist, or not for this user.
        #[status(404)]
        NotFound(Message, Error),
        #[status(403)]
        Forbidden(Message, Error),
        #[status(412, 422)]
        Invalid(Message, Error),
        #[other]
        Other(Error),
    }

    #[derive(Debug, Deserialize)]
    pub struct Message {
        pub message: String,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    pub struct Issue {
        pub number: i64,
        pub title: String,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    pub struct Contents {
        pub path: String,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    pub struct Attachment {
        pub name: String,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "lowercase")]
    pub enum IssueState {
        Open,
        Closed,
        All,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "lowercase")]
    pub enum IssueKind {
        Issues,
        Pulls,
    }

    #[derive(Default, Serialize)]
    pub struct EditIssue {
        #[serde(skip_serializing_if = "Option::is_none")]
        pub title: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub state: Option<IssueState>,
    }

    #[derive(Multipart)]
    pub struct NewAttachment {
        pub attachment: Part,
    }

    /// A repository: `/repos/{owner}/{repo}`.
    #[endpoint]
    pub struct Repo;

    #[endpoint]
    impl Repo {
        /// Its issues and pull requests.
        #[graft]
        pub fn issues(&self) -> Issues;

        /// The metadata of a file, or the entries of a folder.
        #[get("/contents/{filepath+}")]
        pub fn contents(&self, filepath: &str, r#ref: Option<&str>) -> Call<Contents, RepoError>;

        /// Attaches a file to a release.
        #[post("/releases/{id}/assets")]
        pub fn attach(
            &self,
            id: i64,
            #[query] name: &str,
            #[multipart] attachment: &NewAttachment,
        ) -> Call<Attachment, RepoError>;
    }

    /// Issues of a repository.
    #[endpoint(path = "/issues")]
    pub struct Issues;

    #[endpoint]
    impl Issues {
        /// Lists issues, the latest first.
        #[get]
        pub fn list(
            &self,
            /// Open ones, unless it is set.
            state: Option<IssueState>,
            /// Names of labels, separated by commas.
            labels: Option<&str>,
            #[query(rename = "type")] kind: Option<IssueKind>,
            /// Only those updated after this time.
            since: Option<&str>,
            created_by: Option<&str>,
            page: Option<i64>,
            limit: Option<i64>,
        ) -> Call<Vec<Issue>, RepoError>;

        /// Fetches an issue.
        #[get("/{index}")]
        pub fn get(&self, index: i64) -> Call<Issue, RepoError>;

        /// Edits an issue; what is not set stays as it is.
        #[patch("/{index}")]
        pub fn update(&self, index: i64, #[json] issue: &EditIssue) -> Call<Issue, RepoError>;
    }

    #[derive(Clone, APISession)]
    #[session(base_url = "https://forge.test", base_path = "/api/v1", hooks)]
    pub struct Forgejo {
        session: Session,
    }

    impl APISession for Forgejo {
        async fn authenticate(&self) -> Result<Credential> {
            Credential::header("authorization", "token t0ken")
        }
    }

    #[endpoint]
    impl Forgejo {
        #[graft("/repos/{owner}/{repo}")]
        pub fn repo(&self, owner: &str, repo: &str) -> Repo;
    }

    pub fn repo(response: &Value) -> (Repo, Vendor) {
        let (transport, vendor) = Vendor::responding(response);
        let api = Forgejo::builder().transport(transport).build().unwrap();
        (api.repo("ana", "team"), vendor)
    }
}

#[tokio::test]
async fn forgejo_lists_issues() {
    use forgejo::{IssueKind, IssueState};
    let (repo, vendor) = forgejo::repo(&json!([{ "number": 5, "title": "Crash" }]));
    let list = repo.issues().list().state(IssueState::All).labels("bug,ui").kind(IssueKind::Pulls);
    let issues = list.since("2026-01-01T00:00:00Z").created_by("ana").page(2).limit(10).await.unwrap();
    assert_eq!((issues.len(), issues[0].title.as_str()), (1, "Crash"));
    let sent = vendor.only();
    let query =
        "state=all&labels=bug,ui&type=pulls&since=2026-01-01T00:00:00Z&created_by=ana&page=2&limit=10";
    assert_eq!(sent.line, format!("GET https://forge.test/api/v1/repos/ana/team/issues?{query}"));
    assert_eq!((sent.header("authorization"), sent.body()), ("token t0ken", ("", "")));
}

#[tokio::test]
async fn forgejo_fetches_an_issue() {
    let (repo, vendor) = forgejo::repo(&json!({ "number": 5, "title": "Crash" }));
    assert_eq!(repo.issues().get(5).await.unwrap().number, 5);
    assert_eq!(vendor.only().line, "GET https://forge.test/api/v1/repos/ana/team/issues/5");
}

#[tokio::test]
async fn forgejo_edits_an_issue() {
    use forgejo::{EditIssue, IssueState};
    let (repo, vendor) = forgejo::repo(&json!({ "number": 5, "title": "Crash" }));
    let edit = EditIssue { state: Some(IssueState::Closed), ..EditIssue::default() };
    repo.issues().update(5, &edit).await.unwrap();
    let sent = vendor.only();
    assert_eq!(sent.line, "PATCH https://forge.test/api/v1/repos/ana/team/issues/5");
    assert_eq!(sent.body(), ("application/json", r#"{"state":"closed"}"#));
}

#[tokio::test]
async fn forgejo_fetches_contents() {
    let (repo, vendor) = forgejo::repo(&json!({ "path": "docs/a b.md" }));
    assert_eq!(repo.contents("docs/a b.md").r#ref("v1.0/x").await.unwrap().path, "docs/a b.md");
    let line = "GET https://forge.test/api/v1/repos/ana/team/contents/docs/a%20b.md?ref=v1.0/x";
    assert_eq!(vendor.only().line, line);
}

#[tokio::test]
async fn forgejo_attaches_a_file_to_a_release() {
    let (repo, vendor) = forgejo::repo(&json!({ "name": "notes.txt" }));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "first\n").unwrap();
    let attachment = forgejo::NewAttachment { attachment: Part::file(&path) };
    repo.attach(3, "notes.txt", &attachment).await.unwrap();
    let sent = vendor.only();
    assert_eq!(sent.line, "POST https://forge.test/api/v1/repos/ana/team/releases/3/assets?name=notes.txt");
    assert_eq!(sent.parts().await, [["attachment", "notes.txt", "text/plain", "first\n"]]);
}

mod stripe {
    use super::*;

    /// All operations declare one error.
    #[derive(Debug, ApiError)]
    pub enum StripeError {
        #[default]
        Api(ErrorBody, Error),
        #[other]
        Other(Error),
    }

    #[derive(Debug, Deserialize)]
    pub struct ErrorBody {
        pub error: Value,
    }

    /// A range of times.
    #[derive(Default, Serialize)]
    pub struct Range {
        #[serde(skip_serializing_if = "Option::is_none")]
        pub gte: Option<i64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub lt: Option<i64>,
    }

    #[derive(Debug, Deserialize)]
    pub struct List<T> {
        pub data: Vec<T>,
        pub has_more: bool,
    }

    #[derive(Debug, Deserialize)]
    pub struct Customer {
        pub id: String,
        #[serde(default)]
        pub name: Option<String>,
    }

    #[derive(Debug, Deserialize)]
    pub struct Deleted {
        pub id: String,
        pub deleted: bool,
    }

    #[derive(Debug, Deserialize)]
    #[serde(untagged)]
    pub enum CustomerOrDeleted {
        Deleted(Deleted),
        Customer(Customer),
    }

    #[derive(Default, Serialize)]
    pub struct NewCustomer<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        pub address: Option<Address<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub email: Option<&'a str>,
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        pub metadata: BTreeMap<&'a str, &'a str>,
    }

    #[derive(Serialize)]
    pub struct Address<'a> {
        pub city: &'a str,
        pub line1: &'a str,
    }

    /// Customers.
    #[endpoint(path = "/customers")]
    pub struct Customers;

    #[endpoint]
    impl Customers {
        /// Lists customers, the newest first.
        #[get]
        pub fn list(
            &self,
            #[query(nested = "brackets")] created: Option<&Range>,
            email: Option<&str>,
            ending_before: Option<&str>,
            #[query(list = "brackets")] expand: Option<&[&str]>,
            limit: Option<i64>,
            starting_after: Option<&str>,
        ) -> Call<List<Customer>, StripeError>;

        /// Fetches a customer, who may be a deleted one.
        #[get("/{customer}")]
        pub fn get(
            &self,
            customer: &str,
            #[query(list = "brackets")] expand: Option<&[&str]>,
        ) -> Call<CustomerOrDeleted, StripeError>;

        /// Creates a customer.
        #[post(idempotency_key)]
        pub fn create(
            &self,
            #[form(nested = "brackets")] customer: &NewCustomer<'_>,
        ) -> Call<Customer, StripeError>;

        /// Deletes a customer for good.
        #[delete("/{customer}")]
        pub fn delete(&self, customer: &str) -> Call<Deleted, StripeError>;
    }

    #[derive(Clone, APISession)]
    #[session(base_url = "https://stripe.test/v1", headers("stripe-version" = "2026-01-01"), hooks)]
    pub struct Stripe {
        session: Session,
        #[endpoint]
        customers: Customers,
    }

    impl APISession for Stripe {
        async fn authenticate(&self) -> Result<Credential> {
            Credential::bearer("sk_1")
        }
    }

    pub fn customers(response: &Value) -> (Customers, Vendor) {
        let (transport, vendor) = Vendor::responding(response);
        let api = Stripe::builder().transport(transport).build().unwrap();
        (api.customers(), vendor)
    }
}

#[tokio::test]
async fn stripe_lists_customers() {
    let (customers, vendor) = stripe::customers(&json!({ "data": [{ "id": "cus_1" }], "has_more": true }));
    let created = stripe::Range { gte: Some(1_700_000_000), lt: None };
    let list = customers.list().created(&created).email("a+b@c.test").expand(&["data.sources", "data.tax"]);
    let list = list.limit(3).starting_after("cus_0").await.unwrap();
    assert!(list.has_more && list.data[0].id == "cus_1");
    let query = "created[gte]=1700000000&email=a+b@c.test&expand[]=data.sources&expand[]=data.tax&limit=3&\
                 starting_after=cus_0";
    let sent = vendor.only();
    assert_eq!(sent.line, format!("GET https://stripe.test/v1/customers?{query}"));
    assert_eq!((sent.header("stripe-version"), sent.header("authorization")), ("2026-01-01", "Bearer sk_1"));
}

#[tokio::test]
async fn stripe_fetches_a_customer_who_may_be_deleted() {
    use stripe::CustomerOrDeleted;
    let (customers, vendor) = stripe::customers(&json!({ "id": "cus_1", "deleted": true }));
    let customer = customers.get("cus_1").expand(&["tax"]).await.unwrap();
    assert!(matches!(customer, CustomerOrDeleted::Deleted(deleted) if deleted.deleted));
    assert_eq!(vendor.only().line, "GET https://stripe.test/v1/customers/cus_1?expand[]=tax");
}

#[tokio::test]
async fn stripe_creates_a_customer() {
    let (customers, vendor) = stripe::customers(&json!({ "id": "cus_1", "name": "Ana" }));
    let customer = stripe::NewCustomer {
        address: Some(stripe::Address { city: "Zürich", line1: "A & B 1" }),
        email: Some("a+b@c.test"),
        metadata: BTreeMap::from([("order id", "6735")]),
    };
    let created = customers.create(&customer).await.unwrap();
    assert_eq!(created.name.as_deref(), Some("Ana"));
    let sent = vendor.only();
    let body = "address%5Bcity%5D=Z%C3%BCrich&address%5Bline1%5D=A+%26+B+1&email=a%2Bb%40c.test&metadata%5Border+id%5D=6735";
    assert_eq!(sent.line, "POST https://stripe.test/v1/customers");
    assert_eq!(sent.body(), ("application/x-www-form-urlencoded", body));
    assert_eq!(sent.header("idempotency-key").len(), 36);
}

#[tokio::test]
async fn stripe_deletes_a_customer() {
    let (customers, vendor) = stripe::customers(&json!({ "id": "cus_1", "deleted": true }));
    assert!(customers.delete("cus_1").await.unwrap().deleted);
    let sent = vendor.only();
    assert_eq!(
        (sent.line.as_str(), sent.body()),
        ("DELETE https://stripe.test/v1/customers/cus_1", ("", ""))
    );
}

mod anthropic {
    use super::*;

    #[derive(Debug, ApiError)]
    pub enum AnthropicError {
        #[status(4xx)]
        Refused(Value, Error),
        #[other]
        Other(Error),
    }

    #[derive(Serialize)]
    pub struct CreateMessage<'a> {
        pub model: &'a str,
        pub max_tokens: u32,
        pub messages: &'a [Turn<'a>],
    }

    #[derive(Serialize)]
    pub struct Turn<'a> {
        pub role: &'a str,
        pub content: &'a str,
    }

    #[derive(Debug, Deserialize)]
    pub struct Message {
        pub content: Vec<ContentBlock>,
    }

    /// A block of content in a response.
    #[derive(Debug, Deserialize)]
    #[serde(tag = "type", rename_all = "snake_case")]
    pub enum ContentBlock {
        Text { text: String },
        ToolUse { id: String },
    }

    #[endpoint(path = "/messages")]
    pub struct Messages;

    #[endpoint]
    impl Messages {
        /// Sends messages, and waits for the response of the model.
        #[post(timeout = Duration::from_secs(600))]
        pub fn create(&self, #[json] message: &CreateMessage<'_>) -> Call<Message, AnthropicError>;

        /// The same, with features in beta.
        #[post(query("beta" = "true"), name = "CreateBetaMessage")]
        pub fn create_beta(
            &self,
            #[json] message: &CreateMessage<'_>,
            #[header("anthropic-beta")] betas: Option<&[&str]>,
        ) -> Call<Message, AnthropicError>;
    }

    #[derive(Clone, APISession)]
    #[session(
        base_url = "https://anthropic.test/v1",
        headers("anthropic-version" = "2023-06-01"),
        hooks
    )]
    pub struct Anthropic {
        session: Session,
        #[endpoint]
        messages: Messages,
    }

    impl APISession for Anthropic {
        async fn authenticate(&self) -> Result<Credential> {
            Credential::header("x-api-key", "k3y")
        }
    }

    pub const HELLO: CreateMessage<'_> =
        CreateMessage { model: "m-1", max_tokens: 64, messages: &[Turn { role: "user", content: "Hi" }] };
    pub const BODY: &str = r#"{"model":"m-1","max_tokens":64,"messages":[{"role":"user","content":"Hi"}]}"#;

    pub fn messages() -> (Messages, Vendor) {
        let (transport, vendor) =
            Vendor::responding(&json!({ "content": [{ "type": "text", "text": "Hello" }] }));
        let api = Anthropic::builder().transport(transport).build().unwrap();
        (api.messages(), vendor)
    }
}

#[tokio::test]
async fn anthropic_creates_a_message() {
    use anthropic::{BODY, ContentBlock, HELLO};
    let (messages, vendor) = anthropic::messages();
    let message = messages.create(&HELLO).await.unwrap();
    assert!(matches!(&message.content[..], [ContentBlock::Text { text }] if text == "Hello"));
    let sent = vendor.only();
    assert_eq!(sent.line, "POST https://anthropic.test/v1/messages");
    assert_eq!(sent.body(), ("application/json", BODY));
    assert_eq!((sent.header("anthropic-version"), sent.header("x-api-key")), ("2023-06-01", "k3y"));
}

#[tokio::test]
async fn anthropic_creates_a_message_with_features_in_beta() {
    let (messages, vendor) = anthropic::messages();
    let call: anthropic::CreateBetaMessage = messages.create_beta(&anthropic::HELLO);
    call.betas(&["files-2026", "tools-2026"]).await.unwrap();
    let sent = vendor.only();
    assert_eq!(sent.line, "POST https://anthropic.test/v1/messages?beta=true");
    assert_eq!(sent.header("anthropic-beta"), "files-2026, tools-2026");
    assert_eq!(sent.body(), ("application/json", anthropic::BODY));
}

mod vendor_box {
    use super::*;

    #[derive(Debug, ApiError)]
    pub enum BoxError {
        #[default]
        Api(Value, Error),
        #[other]
        Other(Error),
    }

    #[derive(Debug, Deserialize)]
    pub struct Files {
        pub total_count: u64,
    }

    #[derive(Serialize)]
    pub struct Attributes {
        pub name: String,
        pub parent: Parent,
    }

    #[derive(Serialize)]
    pub struct Parent {
        pub id: String,
    }

    /// The attributes come first: the server reads them before the file.
    #[derive(Multipart)]
    pub struct NewFile {
        pub attributes: Attributes,
        pub file: Part,
    }

    #[endpoint(path = "/files")]
    pub struct FilesOfBox;

    #[endpoint]
    impl FilesOfBox {
        /// Downloads a file, from an origin of its own.
        #[get("/{file_id}/content", allowed_origins("https://dl.boxcloud.test"), accept = "*/*")]
        pub fn content(
            &self,
            file_id: &str,
            #[header] boxapi: Option<&str>,
            version: Option<&str>,
        ) -> Call<Response, BoxError>;

        /// Uploads a file.
        #[post("/content", base_url = "https://upload.box.test/api/2.0")]
        pub fn upload(&self, #[multipart] upload: &NewFile) -> Call<Files, BoxError>;
    }

    #[derive(Clone, APISession)]
    #[session(
        base_url = "https://api.box.test/2.0",
        headers("x-session" = "1"),
        allowed_origins("https://upload.box.test" = credential),
        hooks
    )]
    pub struct BoxApi {
        session: Session,
        #[endpoint]
        files: FilesOfBox,
    }

    impl APISession for BoxApi {
        async fn authenticate(&self) -> Result<Credential> {
            Credential::bearer("b0x")
        }
    }
}

#[tokio::test]
async fn box_downloads_a_file() {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&sent);
    let transport = Memory::new(move |request| {
        let header = |name: &str| request.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        kept.lock().unwrap().push((request.url.to_string(), header("boxapi"), header("authorization")));
        let is_vendor = request.url.host_str() == Some("api.box.test");
        let response = match is_vendor {
            true => respond(302, "").with_header("location", "https://dl.boxcloud.test/x?sig=1"),
            false => respond(200, "content"),
        };
        async move { Ok(response) }
    });
    let api = vendor_box::BoxApi::builder().transport(transport).build().unwrap();
    let call = api.files().content("7").boxapi("shared_link=https://box.test/s/a").version("3");
    assert_eq!(call.await.unwrap().text().unwrap(), "content");
    let text = |text: &str| Some(text.to_owned());
    let expected = [
        (
            "https://api.box.test/2.0/files/7/content?version=3".to_owned(),
            text("shared_link=https://box.test/s/a"),
            text("Bearer b0x"),
        ),
        ("https://dl.boxcloud.test/x?sig=1".to_owned(), None, None),
    ];
    assert_eq!(*sent.lock().unwrap(), expected);
}

#[tokio::test]
async fn box_uploads_a_file_at_another_origin() {
    use vendor_box::{Attributes, NewFile, Parent};
    let (transport, vendor) = Vendor::responding(&json!({ "total_count": 1 }));
    let api = vendor_box::BoxApi::builder().transport(transport).build().unwrap();
    let upload = NewFile {
        attributes: Attributes { name: "q1.pdf".to_owned(), parent: Parent { id: "0".to_owned() } },
        file: Part::bytes("%PDF").with_file_name("q1.pdf"),
    };
    assert_eq!(api.files().upload(&upload).await.unwrap().total_count, 1);
    let sent = vendor.only();
    assert_eq!(sent.line, "POST https://upload.box.test/api/2.0/files/content");
    let attributes = r#"{"name":"q1.pdf","parent":{"id":"0"}}"#;
    let expected =
        [["attributes", "", "application/json", attributes], ["file", "q1.pdf", "application/pdf", "%PDF"]];
    assert_eq!(sent.parts().await, expected);
    // The credential is granted, and nothing else of the session goes along.
    assert_eq!((sent.header("authorization"), sent.header("x-session")), ("Bearer b0x", ""));
}

mod atlassian {
    use super::*;

    #[derive(Debug, ApiError)]
    pub enum JiraError {
        #[status(404)]
        NotFound(Value, Error),
        #[other]
        Other(Error),
    }

    #[derive(Debug, Deserialize)]
    pub struct Issue {
        pub key: String,
    }

    #[endpoint(path = "/rest/api/3/issue")]
    pub struct Issues;

    #[endpoint]
    impl Issues {
        /// Fetches an issue by its id or key.
        #[get("/{id}")]
        pub fn get(
            &self,
            id: &str,
            fields: Option<&[&str]>,
            #[query(rename = "fieldsByKeys")] fields_by_keys: Option<bool>,
            expand: Option<&str>,
        ) -> Call<Issue, JiraError>;
    }

    #[derive(Clone, APISession)]
    #[session(base_url = "https://{site}.atlassian.test", hooks)]
    pub struct Jira {
        session: Session,
        site: String,
        #[endpoint]
        issues: Issues,
    }

    impl APISession for Jira {
        async fn authenticate(&self) -> Result<Credential> {
            Credential::basic("ana", "t0ken")
        }
    }

    #[derive(Serialize)]
    #[serde(rename_all = "UPPERCASE")]
    pub enum PullRequestState {
        Open,
        Merged,
    }

    #[derive(Debug, Deserialize)]
    pub struct PaginatedPullRequests {
        pub values: Vec<Value>,
    }

    #[endpoint]
    pub struct Repository;

    #[endpoint]
    impl Repository {
        /// Lists pull requests.
        #[get("/pullrequests")]
        pub fn pullrequests(&self, state: Option<PullRequestState>) -> Call<PaginatedPullRequests>;
    }

    #[derive(Clone, APISession)]
    #[session(base_url = "https://bitbucket.test/2.0")]
    pub struct Bitbucket {
        session: Session,
    }

    #[endpoint]
    impl Bitbucket {
        #[graft("/repositories/{workspace}/{repo_slug}")]
        pub fn repository(&self, workspace: &str, repo_slug: &str) -> Repository;
    }
}

#[tokio::test]
async fn jira_fetches_an_issue_with_a_repeated_list() {
    let (transport, vendor) = Vendor::responding(&json!({ "key": "WEB-7" }));
    let api = atlassian::Jira::builder("acme".to_owned()).transport(transport).build().unwrap();
    let call = api.issues().get("WEB-7").fields(&["summary", "-comment"]).fields_by_keys(true);
    assert_eq!(call.expand("names,schema").await.unwrap().key, "WEB-7");
    let query = "fields=summary&fields=-comment&fieldsByKeys=true&expand=names,schema";
    let sent = vendor.only();
    assert_eq!(sent.line, format!("GET https://acme.atlassian.test/rest/api/3/issue/WEB-7?{query}"));
    assert_eq!(sent.header("authorization"), "Basic YW5hOnQwa2Vu");
}

#[tokio::test]
async fn bitbucket_lists_pull_requests() {
    let (transport, vendor) = Vendor::responding(&json!({ "values": [{}] }));
    let api = atlassian::Bitbucket::builder().transport(transport).build().unwrap();
    let call = api.repository("acme", "site").pullrequests().state(atlassian::PullRequestState::Merged);
    assert_eq!(call.await.unwrap().values.len(), 1);
    let line = "GET https://bitbucket.test/2.0/repositories/acme/site/pullrequests?state=MERGED";
    assert_eq!(vendor.only().line, line);
}

mod library {
    use super::*;

    #[derive(Debug, Deserialize)]
    pub struct Loan {
        pub id: i64,
    }

    #[derive(Debug, Deserialize)]
    pub struct Shelves {
        #[serde(rename = "shelf", default)]
        pub shelves: Vec<String>,
    }

    #[derive(Serialize)]
    pub struct Chat {
        pub model: String,
        pub temperature: f32,
        pub seed: u128,
    }

    #[derive(Serialize)]
    pub struct Meta {
        pub title: String,
    }

    #[derive(Debug, Deserialize)]
    pub struct File {
        pub id: String,
    }

    #[endpoint]
    pub struct Books;

    #[endpoint]
    impl Books {
        #[post("/loans")]
        pub fn lend(&self, #[field("daysOut")] days: i64, #[field("ID")] id: Option<i64>) -> Call<Loan>;

        #[post("/", form, fields("Action" = "ListShelves", "Version" = "2020-01-01"))]
        pub fn list(&self, #[field] prefix: Option<&str>) -> Call<Xml<Shelves>>;

        #[post("/chat", fields("stream" = true))]
        pub fn stream(&self, #[json] chat: &Chat) -> Call<Response>;
    }

    #[endpoint(path = "/objects")]
    pub struct Objects;

    #[endpoint]
    impl Objects {
        #[put("/{key+}")]
        pub fn put(
            &self,
            key: &str,
            #[body("application/octet-stream")] content: impl Into<Body>,
        ) -> Call<()>;
    }

    #[endpoint]
    pub struct Files;

    #[endpoint]
    impl Files {
        #[post("/content", base_url = "https://upload.acme.test/2.0")]
        pub fn upload(&self, #[part] meta: &Meta, #[part] file: Part) -> Call<File>;
    }

    #[derive(Clone, APISession)]
    #[session(base_url = "https://acme.test/v1")]
    pub struct Acme {
        session: Session,
        #[endpoint]
        books: Books,
        #[endpoint]
        objects: Objects,
        #[endpoint]
        files: Files,
    }

    pub fn acme(response: &Value) -> (Acme, Vendor) {
        let (transport, vendor) = Vendor::responding(response);
        (Acme::builder().transport(transport).build().unwrap(), vendor)
    }
}

#[tokio::test]
async fn the_library_lends_by_fields() {
    let (api, vendor) = library::acme(&json!({ "id": 1 }));
    assert_eq!(api.books().lend(14).id(7).await.unwrap().id, 1);
    let sent = vendor.only();
    assert_eq!(sent.line, "POST https://acme.test/v1/loans");
    assert_eq!(sent.body(), ("application/json", r#"{"daysOut":14,"ID":7}"#));

    let (api, vendor) = library::acme(&json!({ "id": 1 }));
    api.books().lend(14).await.unwrap();
    assert_eq!(vendor.only().body(), ("application/json", r#"{"daysOut":14}"#));
}

#[tokio::test]
async fn the_library_lists_shelves_by_a_form() {
    let (transport, sent) = apisession_tests::recording(|_, _| {
        let xml = "<Shelves><shelf>a</shelf><shelf>b</shelf></Shelves>";
        Ok(respond(200, xml).with_header("content-type", "text/xml"))
    });
    let api = library::Acme::builder().transport(transport).build().unwrap();
    assert_eq!(api.books().list().prefix("a b").await.unwrap().0.shelves, ["a", "b"]);
    let sent = sent.only();
    assert_eq!((sent.line().as_str(), sent.header("accept")), ("POST /v1/", "application/xml"));
    assert_eq!(sent.body, "Action=ListShelves&Version=2020-01-01&prefix=a+b");
    assert_eq!(sent.header("content-type"), "application/x-www-form-urlencoded");
}

#[tokio::test]
async fn the_library_adds_a_constant_to_a_model() {
    let (api, vendor) = library::acme(&json!({}));
    let chat = library::Chat { model: "m".to_owned(), temperature: 0.1, seed: u128::MAX };
    api.books().stream(&chat).await.unwrap();
    let body =
        r#"{"model":"m","temperature":0.1,"seed":340282366920938463463374607431768211455,"stream":true}"#;
    assert_eq!(vendor.only().body(), ("application/json", body));
}

#[tokio::test]
async fn the_library_stores_what_can_become_a_body() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.bin");
    std::fs::write(&path, "file").unwrap();
    let pieces = || Pieces::new([Bytes::from_static(b"str"), Bytes::from_static(b"eam")], Duration::ZERO);
    let rows: [(Body, &str); 5] = [
        (vec![1, 2].into(), "\x01\x02"),
        ("text".into(), "text"),
        (Body::file(&path), "file"),
        (Body::reader(std::io::Cursor::new("reader")), "reader"),
        (Body::stream(pieces()), "stream"),
    ];
    for (body, expected) in rows {
        let (api, vendor) = library::acme(&json!({}));
        api.objects().put("2026/q 1.bin", body).await.unwrap();
        let sent = vendor.only();
        assert_eq!(sent.line, "PUT https://acme.test/v1/objects/2026/q%201.bin");
        assert_eq!(sent.body(), ("application/octet-stream", expected));
    }
}

#[tokio::test]
async fn the_library_uploads_parts_at_another_base_url() {
    let (api, vendor) = library::acme(&json!({ "id": "f1" }));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pdf");
    std::fs::write(&path, "%PDF").unwrap();
    let progress = Arc::new(Mutex::new(Vec::new()));
    let bar = Arc::clone(&progress);
    let meta = library::Meta { title: "A".to_owned() };
    let upload = api.files().upload(&meta, Part::file(&path));
    let file = upload.with_progress(move |p| bar.lock().unwrap().push((p.sent, p.total))).await.unwrap();
    assert_eq!(file.id, "f1");
    let sent = vendor.only();
    assert_eq!(sent.line, "POST https://upload.acme.test/2.0/content");
    let expected =
        [["meta", "", "application/json", r#"{"title":"A"}"#], ["file", "a.pdf", "application/pdf", "%PDF"]];
    assert_eq!(sent.parts().await, expected);
    let length = u64::try_from(sent.body.len()).unwrap();
    let progress = progress.lock().unwrap();
    assert_eq!(progress.first(), Some(&(0, Some(length))));
    assert_eq!(progress.last(), Some(&(length, Some(length))));
}
