//! Calls whose return type is read while it arrives.

use std::future::poll_fn;
use std::pin::Pin;

use apisession::prelude::*;
use apisession::transport::Memory;
use apisession::{BoxError, FromResponse, Outcome, Reads};
use apisession_tests::{Pieces, recording, respond, tokio};
use futures_core::Stream;
use tokio::io::AsyncReadExt;

/// The mode is chosen by the type, whatever its name.
type Picture = ByteStream;

#[derive(Debug, ApiError)]
enum CameraError {
    #[status(404)]
    Unknown(Problem),
    #[other]
    Other(Error),
}

/// A type of the author's own that reads while bytes arrive.
struct Frames(Body);

impl FromResponse for Frames {
    const ACCEPT: &'static str = "multipart/x-mixed-replace";
    const READS: Reads = Reads::Streamed;

    fn from_response(response: Response) -> Result<Self> {
        Ok(Self(response.into_value()))
    }
}

#[endpoint(path = "/cameras")]
struct Cameras;

#[endpoint]
impl Cameras {
    #[get("/{id}")]
    fn picture(&self, id: u64) -> Call<Picture>;

    #[get("/{id}")]
    fn zoomed(&self, id: u64, zoom: Option<u32>) -> Call<ByteStream>;

    #[get("/{id}")]
    fn find(&self, id: u64) -> Call<Option<ByteStream>>;

    #[get("/{id}")]
    fn typed(&self, id: u64) -> Call<Picture, CameraError>;

    #[get("/{id}")]
    fn frames(&self, id: u64) -> Call<Frames>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", max_in_flight = 1)]
struct Acme {
    session: Session,
    #[endpoint]
    cameras: Cameras,
}

/// A session whose server sends 2 KiB every second, for two hours.
fn acme(status: u16) -> Acme {
    let (transport, _) = recording(move |_, _| Ok(respond(status, "").with_body(dripping(7_200))));
    Acme::builder().transport(transport).build().unwrap()
}

fn dripping(pieces: usize) -> Body {
    let pieces = std::iter::repeat_n(Bytes::from_static(&[b'x'; 2048]), pieces);
    Body::stream(Pieces::new(pieces, Duration::from_secs(1)))
}

const TOTAL: u64 = 7_200 * 2048;

async fn read(mut stream: ByteStream) -> Result<u64> {
    let mut read = 0;
    while let Some(piece) = stream.next().await {
        read += u64::try_from(piece?.len()).unwrap();
    }
    assert_eq!(stream.received(), read);
    Ok(read)
}

#[tokio::test(start_paused = true)]
async fn the_return_type_makes_a_call_stream() {
    // Longer than every time limit, and larger than `max_body` allows.
    let cameras = || acme(200).cameras();
    assert_eq!(read(cameras().picture(7).await.unwrap()).await.unwrap(), TOTAL);
    assert_eq!(read(cameras().picture(7).with_max_body(10).await.unwrap()).await.unwrap(), TOTAL);
    assert_eq!(read(cameras().zoomed(7).zoom(2).await.unwrap()).await.unwrap(), TOTAL);
    assert_eq!(read(cameras().find(7).await.unwrap().unwrap()).await.unwrap(), TOTAL);
    assert_eq!(read(cameras().typed(7).await.unwrap()).await.unwrap(), TOTAL);
    let response = cameras().picture(7).response().await.unwrap();
    assert_eq!((response.status().as_u16(), response.attempts()), (200, 1));
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(read(response.into_value()).await.unwrap(), TOTAL);
    let mut frames = cameras().frames(7).await.unwrap().0;
    assert!(frames.as_bytes().is_none());
    assert_eq!(frames.chunk().await.unwrap().unwrap().len(), 2048);
    // A task, and other ways to read.
    let task = tokio::spawn(async move { read(cameras().picture(7).await?).await });
    assert_eq!(task.await.unwrap().unwrap(), TOTAL);
    let bytes = acme(200).cameras().picture(7).await.unwrap().bytes(usize::MAX).await.unwrap();
    assert_eq!(bytes.len() as u64, TOTAL);
    let mut written = Vec::new();
    assert_eq!(acme(200).cameras().picture(7).await.unwrap().to_writer(&mut written).await.unwrap(), TOTAL);
    assert_eq!(written, bytes);
    let mut text = Vec::new();
    acme(200).cameras().picture(7).await.unwrap().read_to_end(&mut text).await.unwrap();
    assert_eq!(text, bytes);
    let mut stream = acme(200).cameras().picture(7).await.unwrap();
    let piece = poll_fn(|context| Pin::new(&mut stream).poll_next(context)).await.unwrap().unwrap();
    assert_eq!(piece.len(), 2048);
}

#[tokio::test(start_paused = true)]
async fn awaiting_fails_with_the_error_of_the_head() {
    let rows =
        [(401, ErrorKind::Unauthorized), (404, ErrorKind::NotFound), (429, ErrorKind::TooManyRequests)];
    for (status, kind) in rows {
        let (transport, _) = recording(move |_, _| Ok(respond(status, r#"{"title":"No"}"#)));
        let api = Acme::builder().transport(transport).build().unwrap();
        let error = api.cameras().picture(7).with_max_attempts(1).await.unwrap_err();
        assert_eq!((error.kind(), error.body().unwrap().len()), (kind, 14), "{error}");
        let found = api.cameras().find(7).with_max_attempts(1).await;
        assert_eq!(found.map(|stream| stream.is_none()).ok(), (status == 404).then_some(true));
        match api.cameras().typed(7).with_max_attempts(1).await.unwrap_err() {
            CameraError::Unknown(problem) => {
                assert_eq!((status, problem.title.as_deref()), (404, Some("No")));
            }
            CameraError::Other(error) => assert_eq!(error.kind(), kind),
        }
    }
    let (transport, _) = recording(|_, _| Ok(respond(204, "")));
    let api = Acme::builder().transport(transport).build().unwrap();
    assert!(api.cameras().find(7).await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_fails_is_an_error_with_its_bytes_and_then_an_end() {
    let rows: [(fn() -> Body, ErrorKind); 2] = [
        (|| Body::stream(Breaking(3)), ErrorKind::Transport),
        (
            || {
                Body::stream(Pieces::new(
                    std::iter::repeat_n(Bytes::from_static(b"x"), 9),
                    Duration::from_secs(31),
                ))
            },
            ErrorKind::Timeout,
        ),
    ];
    for (body, kind) in rows {
        let (transport, sent) = recording(move |_, _| Ok(respond(200, "").with_body(body())));
        let api = Acme::builder().transport(transport).build().unwrap();
        let mut stream = api.cameras().picture(7).await.unwrap();
        let error = loop {
            if let Err(error) = stream.next().await.unwrap() {
                break error;
            }
        };
        assert_eq!((error.kind(), error.received()), (kind, Some(stream.received())), "{error}");
        assert_eq!(error.operation().map(ToString::to_string).as_deref(), Some("Cameras::picture"));
        assert_eq!(error.outcome(), Some(Outcome::Unknown));
        assert!(
            error.report().contains(&format!("received:   {} bytes", stream.received())),
            "{}",
            error.report()
        );
        assert!(stream.next().await.is_none());
        assert_eq!(sent.all().len(), 1);
        let io = api.cameras().picture(7).await.unwrap().read_to_end(&mut Vec::new()).await.unwrap_err();
        let inner: &Error = io.get_ref().unwrap().downcast_ref().unwrap();
        assert_eq!(inner.kind(), kind);
        let error = api.cameras().picture(7).await.unwrap().bytes(usize::MAX).await.unwrap_err();
        assert_eq!(error.kind(), kind);
    }
}

/// Pieces of a byte, and then a failure.
struct Breaking(usize);

impl Stream for Breaking {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(Some(match self.0.checked_sub(1) {
            Some(left) => {
                self.0 = left;
                Ok(Bytes::from_static(b"x"))
            }
            None => Err("the connection was reset".into()),
        }))
    }
}

#[tokio::test(start_paused = true)]
async fn more_bytes_than_asked_for_are_an_error() {
    for max in [0, 1, 2047, 2048 * 2 - 1] {
        let error = acme(200).cameras().picture(7).await.unwrap().bytes(max).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BodyTooLarge);
        assert!(error.to_string().contains(&format!("larger than {max} bytes")), "{error}");
    }
    let (transport, _) = recording(|_, _| Ok(respond(200, "1234")));
    let api = Acme::builder().transport(transport).build().unwrap();
    assert_eq!(&*api.cameras().picture(7).await.unwrap().bytes(4).await.unwrap(), b"1234");
    api.cameras().picture(7).await.unwrap().bytes(3).await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_dropped_gives_its_place_back() {
    let api = acme(200);
    let stream = api.cameras().picture(7).await.unwrap();
    let next = api.cameras().picture(8).with_timeout(Duration::from_secs(9));
    assert_eq!(next.await.unwrap_err().kind(), ErrorKind::Timeout);
    drop(stream);
    let mut stream = api.cameras().picture(8).await.unwrap();
    stream.next().await.unwrap().unwrap();
    drop(stream);
    api.cameras().picture(9).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn other_ways_to_decode_the_same_call_read_the_whole_body() {
    let vendor = Memory::new(|request| async move {
        let accept = request.headers["accept"].to_str().unwrap().to_owned();
        Ok(respond(200, &format!("{accept:?}")))
    });
    let api = Acme::builder().transport(vendor).build().unwrap();
    assert_eq!(&*api.cameras().picture(7).await.unwrap().bytes(99).await.unwrap(), br#""*/*""#);
    let text: String = api.cameras().picture(7).json_as().await.unwrap();
    assert_eq!(text, "application/json");
    assert_eq!(&**api.cameras().picture(7).raw().await.unwrap().body().unwrap(), br#""*/*""#);
    assert!(api.cameras().picture(7).streaming().await.unwrap().body().is_none());
}
