# The image holds the program and nothing else: no shell, no git, no certificates (the roots are in the binary).
FROM rust:1.95-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /src
COPY . .
RUN cargo build --release --locked --bin dltflow

FROM scratch
COPY --from=build /src/target/release/dltflow /dltflow
ENTRYPOINT ["/dltflow"]
