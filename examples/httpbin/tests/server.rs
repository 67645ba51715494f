//! The server of the tour: what the real httpbin has not.

use httpbin::HttpBin;
use httpbin::server::Server;

/// Its entity tags have quotes, so that a download that was cut off can go on.
#[tokio::test]
async fn a_download_goes_on_where_it_was() {
    let server = Server::start().await.unwrap();
    let api = HttpBin::builder().base_url(server.url()).build().unwrap();
    let whole: Vec<u8> = (b'a'..=b'z').cycle().take(1_000_000).collect();
    let mut download = api.dynamic().range(1_000_000).await.unwrap();
    let mut stored = download.next().await.unwrap().unwrap().to_vec();
    let token = download.resume_token().expect("the rest is not there yet");
    drop(download);
    let rest = api.dynamic().range(1_000_000).resume(&token).await.unwrap();
    assert_eq!(rest.status().as_u16(), 206);
    rest.to_writer(&mut stored).await.unwrap();
    assert!(stored == whole);
}
