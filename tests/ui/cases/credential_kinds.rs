use apisession::prelude::*;
use apisession::OAuth2;

struct Mine;

fn main() {
    let _ = Credential::provided_by(Mine);
    let _ = Credential::scheme(Mine);
    let _ = OAuth2::jwt_bearer("https://login.acme.example/token", "assertion");
}
