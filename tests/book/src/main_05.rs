mod vendor;

use acme::{Acme, Login};

#[tokio::main]
async fn main() -> apisession::Result<()> {
    let login = Login::new("ana", "correct horse");
    let api = Acme::builder(login).transport(vendor::transport()).build()?;

    let mut events = api.events().list().items();
    while let Some(event) = events.next().await {
        println!("{}", event?.title);
    }

    let first = api.events().list().with_max_items(3).with_page_size(3).try_collect().await?;
    println!("{} events", first.len());
    Ok(())
}
