# What `uses: ./` and vendored copies get: the program from source. `Dockerfile.prebuilt` takes one that is built already;
# it is a file of its own, as engines without BuildKit build every stage of a file.
# The image holds the program and nothing else: no user, no shell, no git, no certificates (the roots are in the binary).
FROM rust:1.95.0-alpine AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --bin dltflow

FROM scratch
COPY --from=build /src/target/release/dltflow /dltflow
ENTRYPOINT ["/dltflow"]
