//! Requests, signed.
//!
//! AWS Signature Version 4, by the SDK's signer; S3's own variant of it where S3 is asked.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningInstructions,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_types::body::SdkBody;
use http::{HeaderName, HeaderValue, Uri};

use crate::{Call, Refusal, Service, Sha256};

/// A call as a signed request to `base`.
pub(crate) fn of(
    call: &Call<'_>,
    base: &str,
    region: &str,
    credentials: Credentials,
) -> Result<http::Request<SdkBody>, Refusal> {
    let written = call.written();
    let address = format!("{}{}", base.trim_end_matches('/'), written.path);
    let named = written.headers.iter().map(|(name, value)| (*name, value.as_str()));
    let body = SignableBody::Bytes(written.body.as_bytes());
    let signature = signature((call.service, region), (written.method, &address), named, body, credentials)?;
    let mut request = http::Request::builder().method(written.method).uri(&address);
    for (name, value) in &written.headers {
        request = request.header(*name, value);
    }
    let mut request = request.body(SdkBody::from(written.body.as_str())).map_err(Refusal::unsent)?;
    signature.apply_to_request_http1x(&mut request);
    Ok(request)
}

/// The headers that sign a request without a body; none if its address is signed already.
pub(crate) fn bare(
    service: Service,
    region: &str,
    (method, url): (&str, &str),
    credentials: Credentials,
) -> Result<Vec<(HeaderName, HeaderValue)>, Refusal> {
    // The signer knows which port goes without saying for these two.
    let address = match url.split_once("://") {
        Some(("wss", rest)) => format!("https://{rest}"),
        Some(("ws", rest)) => format!("http://{rest}"),
        _ => url.to_owned(),
    };
    let query = address.split_once('?').map_or("", |(_, query)| query);
    if query.split('&').any(|one| one.to_ascii_lowercase().starts_with("x-amz-")) {
        return Ok(Vec::new());
    }
    let body = SignableBody::Bytes(b"");
    let signature = signature((service, region), (method, &address), std::iter::empty(), body, credentials)?;
    let mut request = http::Request::builder().uri(&address).body(()).map_err(Refusal::unsent)?;
    signature.apply_to_request_http1x(&mut request);
    let headers = request.headers().iter();
    Ok(headers.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// Signs a request whose body is known by its digest; headers as they are sent.
pub(crate) fn signed(
    (service, region): (Service, &str),
    (method, address): (&str, &str),
    headers: &[(String, String)],
    (body, sha256): (SdkBody, Sha256),
    credentials: Credentials,
) -> Result<http::Request<SdkBody>, Refusal> {
    let named = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let digest = SignableBody::Precomputed(sha256.hex());
    let signature = signature((service, region), (method, address), named, digest, credentials)?;
    let mut request = http::Request::builder().method(method).uri(address);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let mut request = request.body(body).map_err(Refusal::unsent)?;
    signature.apply_to_request_http1x(&mut request);
    Ok(request)
}

fn signature<'a>(
    (service, region): (Service, &str),
    (method, address): (&'a str, &'a str),
    headers: impl Iterator<Item = (&'a str, &'a str)>,
    body: SignableBody<'a>,
    credentials: Credentials,
) -> Result<SigningInstructions, Refusal> {
    // The signer takes scheme and host for granted.
    let uri: Uri = address.parse().map_err(|error| Refusal::unsent(format!("`{address}`: {error}")))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none_or(str::is_empty) {
        return Err(Refusal::unsent(format!("`{address}` is no address: http://HOST:PORT was expected")));
    }
    let mut settings = SigningSettings::default();
    if service.name() == "s3" {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    }
    let identity = credentials.into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(service.signed_for(region))
        .name(service.name())
        .time(SystemTime::now())
        .settings(settings)
        .build()
        .map_err(Refusal::unsent)?
        .into();
    let signable = SignableRequest::new(method, address, headers, body).map_err(Refusal::unsent)?;
    Ok(sign(signable, &parameters).map_err(Refusal::unsent)?.into_parts().0)
}
