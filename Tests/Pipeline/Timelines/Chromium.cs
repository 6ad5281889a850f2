using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

/// <summary>A real browser without a window, spoken to over its DevTools protocol.</summary>
internal sealed class Chromium : IDisposable
{
    private const string Announcement = "DevTools listening on ";
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    // A guard against a browser that hangs; no test waits for it.
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(5));
    private readonly DirectoryInfo _folder;
    private readonly ClientWebSocket _socket = new();
    private readonly Process _process;
    private readonly List<JsonElement> _events = [];
    private int _lastId;

    /// <summary>Starts the browser; without one on PATH the test is skipped.</summary>
    public Chromium()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var found = Names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        if (found is null)
            Assert.Ignore($"None of {string.Join(", ", Names)} is on PATH (Debian: apt-get install chromium).");
        _folder = Directory.CreateTempSubdirectory("timeline-page-");
        _process = Process.Start(new ProcessStartInfo(found!)
        {
            ArgumentList =
            {
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-extensions", "--force-device-scale-factor=1", "--remote-debugging-port=0",
                $"--user-data-dir={_folder.FullName}", "about:blank",
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            _socket.ConnectAsync(Address(), _patience.Token).GetAwaiter().GetResult();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Opens a page in a window of a width and 1000 pixels, and returns the session that speaks to it.</summary>
    public string Open(string html, int width = 1366)
    {
        _events.Clear();
        var file = Path.Combine(_folder.FullName, "page.html");
        File.WriteAllText(file, html);
        var target = Send(null, "Target.createTarget", new { url = "about:blank" }).GetProperty("targetId").GetString();
        var attached = Send(null, "Target.attachToTarget", new { targetId = target, flatten = true });
        var session = attached.GetProperty("sessionId").GetString()!;
        foreach (var domain in new[] { "Page", "Runtime", "Log", "Network" })
            Send(session, $"{domain}.enable", new { });
        Send(session, "Emulation.setDeviceMetricsOverride",
            new { width, height = 1000, deviceScaleFactor = 1, mobile = false });
        Send(session, "Page.navigate", new { url = new Uri(file).AbsoluteUri });
        while (!_events.Any(e => Method(e) == "Page.loadEventFired"))
            _events.Add(Receive());
        return session;
    }

    /// <summary>Runs the body of an async function in the page, and returns its result.</summary>
    public JsonElement Run(string session, string script)
    {
        var answer = Send(session, "Runtime.evaluate",
            new { expression = $"(async () => {{ {script} }})()", awaitPromise = true, returnByValue = true });
        if (answer.TryGetProperty("exceptionDetails", out var details))
            Assert.Fail(details.ToString());
        return answer.GetProperty("result").TryGetProperty("value", out var value) ? value : default;
    }

    /// <summary>Moves the real pointer, or turns its wheel.</summary>
    public void Mouse(string session, string type, double x, double y, double wheel = 0) =>
        Send(session, "Input.dispatchMouseEvent", new { type, x, y, deltaX = 0, deltaY = wheel });

    /// <summary>Uncaught exceptions, console messages and logged errors since the page was opened.</summary>
    public IEnumerable<string> Complaints => _events.Where(e => Method(e) switch
    {
        "Runtime.exceptionThrown" or "Runtime.consoleAPICalled" => true,
        "Log.entryAdded" => e.GetProperty("params").GetProperty("entry").GetProperty("level").GetString() == "error",
        _ => false,
    }).Select(e => e.ToString());

    /// <summary>The addresses that the page asked for.</summary>
    public IEnumerable<string> Requests => _events.Where(e => Method(e) == "Network.requestWillBeSent")
        .Select(e => e.GetProperty("params").GetProperty("request").GetProperty("url").GetString()!);

    /// <summary>Ends the browser.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _socket.Dispose();
        _patience.Dispose();
        _folder.Delete(recursive: true);
    }

    // The browser says on its error stream where it listens; what else it says there must not fill the pipe.
    private Uri Address()
    {
        var address = new TaskCompletionSource<Uri>();
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
                address.TrySetException(new InvalidOperationException("The browser ended before it listened."));
            else if (line.Data.StartsWith(Announcement, StringComparison.Ordinal))
                address.TrySetResult(new(line.Data[Announcement.Length..]));
        };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        return address.Task.WaitAsync(_patience.Token).GetAwaiter().GetResult();
    }

    private JsonElement Send(string? session, string method, object parameters)
    {
        var id = ++_lastId;
        var message = new Dictionary<string, object> { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (session is not null)
            message["sessionId"] = session;
        _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, true, _patience.Token)
            .GetAwaiter().GetResult();
        while (true)
        {
            var answer = Receive();
            if (!answer.TryGetProperty("id", out var of) || of.GetInt32() != id)
            {
                _events.Add(answer);
                continue;
            }
            if (answer.TryGetProperty("error", out var error))
                throw new InvalidOperationException($"{method}: {error}");
            return answer.GetProperty("result");
        }
    }

    private JsonElement Receive()
    {
        using var whole = new MemoryStream();
        var buffer = new byte[1 << 16];
        WebSocketReceiveResult part;
        do
        {
            part = _socket.ReceiveAsync(new ArraySegment<byte>(buffer), _patience.Token).GetAwaiter().GetResult();
            whole.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);
        using var json = JsonDocument.Parse(whole.ToArray());
        return json.RootElement.Clone();
    }

    private static string? Method(JsonElement message) =>
        message.TryGetProperty("method", out var method) ? method.GetString() : null;
}
