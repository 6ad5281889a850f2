#!/usr/bin/env bash
# The one door to the project: builds, tests, runs and measures it. `./build.sh help` lists the verbs.
set -euo pipefail
caller=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$PWD
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en
configuration=Release
tool=$root/Cli/bin/$configuration/net10.0/autogradcore.dll

help() {
    cat <<'TEXT'
usage: ./build.sh VERB [ARGUMENTS]

  build            compile everything; warnings are errors
  test [FILTER]    compile and run the tests, or those whose full name contains FILTER
  test --all       also the exhaustive ones: every form of every kernel, the whole matrix on ILGPU's CPU device
  demo             train a small GPT on this repository over two stages, without and with 2BP (under 4 minutes)
  run -- ARGS      run the command line tool: ./build.sh run -- train --help
  bench [NAME]     measure against the machine's own peak: peak, gemm, small, weights,
                   ops, step, pipeline; --json for machines,
                   --peer torch to measure PyTorch in turns with ours, --record to write results and docs
  gpu ARGS         check and time the GPU kernels on a device: --device cuda:0; --pack makes a self-contained folder
                   that does so on a machine without .NET or network: artifacts/gpu/run.sh
  format [--check] apply the code style, or only check it
  pack             make a self-contained folder of the tool for this platform in artifacts/pack
  help             this text

needs the .NET 10 SDK: https://dotnet.microsoft.com/download/dotnet/10.0
TEXT
}

require_sdk() {
    if ! command -v dotnet >/dev/null 2>&1; then
        echo "build.sh: the .NET SDK is not installed, or 'dotnet' is not on PATH." >&2
        echo "Hint: install the .NET 10 SDK from https://dotnet.microsoft.com/download/dotnet/10.0 (Debian, Ubuntu: apt-get install dotnet-sdk-10.0)" >&2
        exit 2
    fi
    if ! dotnet --version >/dev/null 2>&1; then
        echo "build.sh: no installed .NET SDK satisfies global.json:" >&2
        dotnet --list-sdks >&2 || true
        echo "Hint: install the .NET 10 SDK from https://dotnet.microsoft.com/download/dotnet/10.0" >&2
        exit 2
    fi
}

# Silent on success; on failure everything the compiler said. One compiler process serves all projects, and does not profile
# itself: most of a clean build was starting the compiler and its analyzers anew for each.
compile() {
    require_sdk
    local output status=0
    output=$(DOTNET_TieredPGO=0 dotnet build "${1:-AutogradCore.sln}" --configuration "$configuration" --nologo --verbosity quiet \
        -p:UseSharedCompilation=true 2>&1) || status=$?
    if [ "${CI:-}" = true ]; then dotnet build-server shutdown --vbcscompiler >/dev/null 2>&1 || true; fi
    if [ "$status" -ne 0 ]; then printf '%s\n' "$output" >&2; fi
    return "$status"
}

# Compiles the tool, unless no file and no folder of its sources is newer than its last build.
compile_tool() {
    local stamp=artifacts/built/tool sources=(Engine Kernels Pipeline Interop Benchmarks Cli Directory.Build.props Directory.Packages.props global.json)
    if [ -f "$tool" ] && [ -f "$stamp" ] && [ -z "$(find "${sources[@]}" \( -name bin -o -name obj -o -name results \) -prune -o -newer "$stamp" -print -quit)" ]; then
        return 0
    fi
    mkdir -p "${stamp%/*}" && touch "$stamp.next"
    compile Cli/Cli.csproj && mv "$stamp.next" "$stamp"
}

run_tests() {
    local filter="TestCategory!=Exhaustive" status=0
    if [ "${1:-}" = "--all" ]; then
        filter="" && shift
    fi
    if [ -n "${1:-}" ]; then filter="FullyQualifiedName~$1${filter:+&$filter}"; fi
    compile
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    dotnet test Tests/Tests.csproj --configuration "$configuration" --no-build --verbosity minimal \
        ${filter:+--filter "$filter"} 2>&1 | tee "$log" || status=${PIPESTATUS[0]}
    # One closing line that a reader and a machine both understand.
    awk '/Failed: +[0-9]+, Passed: +[0-9]+, Skipped: +[0-9]+/ {
            for (i = 1; i <= NF; i++) { if ($i == "Failed:") f += $(i+1); if ($i == "Passed:") p += $(i+1); if ($i == "Skipped:") s += $(i+1) }
            seen = 1 }
         END { if (!seen) { print "no test was executed"; exit 1 } printf "%d passed, %d failed, %d skipped\n", p, f, s }' "$log" || status=1
    return "$status"
}

# A folder that needs neither .NET nor a network: copy it to a GPU machine and run run.sh there.
pack_gpu() {
    require_sdk
    rm -rf artifacts/gpu
    dotnet publish Cli/Cli.csproj --configuration "$configuration" --self-contained --runtime linux-x64 --output artifacts/gpu/bin \
        --verbosity quiet --nologo -p:DebugType=none
    find artifacts/gpu/bin -name '*.xml' -delete
    mkdir -p artifacts/gpu/Benchmarks && cp -r Benchmarks/peers artifacts/gpu/Benchmarks/
    cat > artifacts/gpu/run.sh <<'SH'
#!/usr/bin/env bash
# run.sh [FOLDER] [OPTIONS]: checks and times every GPU kernel here; writes gpu.json and gpu.txt beside itself, or into FOLDER.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$here peer=()
case ${1:--} in -*) ;; *) out=$1 && shift ;; esac
if python3 -c 'import torch, sys; sys.exit(not torch.cuda.is_available())' 2>/dev/null; then peer=(--peer torch); fi
exec "$here/bin/autogradcore" gpu --out "$out" "${peer[@]}" "$@"
SH
    chmod +x artifacts/gpu/run.sh
    tar czf artifacts/gpu.tar.gz -C artifacts gpu
    echo "packed into artifacts/gpu.tar.gz ($(du -m artifacts/gpu.tar.gz | cut -f1) MB); there: tar xzf gpu.tar.gz && gpu/run.sh"
    artifacts/gpu/bin/autogradcore doctor | grep -i ilgpu || true
}

verb=${1:-help}
[ $# -gt 0 ] && shift
case "$verb" in
    build) compile && echo "built AutogradCore.sln ($configuration)" ;;
    test) run_tests "$@" ;;
    demo) compile_tool && exec dotnet "$tool" demo "$@" ;;
    run)
        [ "${1:-}" = "--" ] && shift
        compile_tool && cd "$caller" && exec dotnet "$tool" "$@" ;; # paths are the caller's
    bench) compile_tool && exec dotnet "$tool" bench "$@" ;;
    gpu)
        if [ "${1:-}" = "--pack" ]; then pack_gpu; else compile_tool && exec dotnet "$tool" gpu "$@"; fi ;;
    format)
        require_sdk
        if [ "${1:-}" = "--check" ]; then dotnet format AutogradCore.sln --verify-no-changes; else dotnet format AutogradCore.sln; fi ;;
    pack)
        require_sdk
        dotnet publish Cli/Cli.csproj --configuration "$configuration" --self-contained --use-current-runtime --output artifacts/pack --verbosity quiet
        echo "packed into artifacts/pack" ;;
    help | -h | --help) help ;;
    *)
        echo "build.sh: there is no verb '$verb'." >&2
        help >&2
        exit 2 ;;
esac
