using System.Net;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace AutogradCore.Pipeline;

/// <summary>Timelines as one HTML page that compares them: zoom, a card about each action, critical paths, memory.</summary>
/// <remarks>
/// The page loads nothing, so that it works from a file, and says so in its content security policy. One panel per timeline;
/// a canvas draws what is visible, so tens of thousands of events stay smooth. About 30 bytes per event.
/// </remarks>
public static partial class TimelinePage
{
    private static readonly string[] Scripts = ["format.js", "timeline.js", "plot.js", "card.js", "panel.js", "main.js"];

    /// <summary>Writes the page.</summary>
    /// <param name="timelines">For example simulated and recorded runs; differences are to the first. Units may differ.</param>
    /// <param name="title">The headline.</param>
    /// <param name="notes">What to know before believing the times, one paragraph each; none by default.</param>
    /// <returns>A complete HTML document.</returns>
    public static string Write(IEnumerable<Timeline> timelines, string title, params IEnumerable<string> notes)
    {
        TimelineFacts[] facts = [.. timelines.Select(timeline => new TimelineFacts(timeline))];
        // One pass over the template: what is filled in is never looked through again.
        return Placeholder().Replace(Resource("page.html"), place => place.Groups[1].Value switch
        {
            "title" => Html(title),
            "style" => Resource("page.css"),
            "notes" => string.Concat(notes.Select(note => $"<p class=\"warning\">{Html(note)}</p>\n")),
            "summary" => TimelinePageTable.Write(facts),
            "data" => TimelinePageData.Write(facts),
            "script" => string.Concat(Scripts.Select(Resource)),
            var unknown => throw new InvalidOperationException($"page.html has the unknown placeholder '{unknown}'."),
        });
    }

    /// <summary>The text as HTML shows it: no markup, and no halves of surrogate pairs.</summary>
    internal static string Html(string text) => WebUtility.HtmlEncode(Whole(text));

    /// <summary>The text with each lone surrogate replaced, which UTF-8 could not carry.</summary>
    internal static string Whole(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static string Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"TimelinePage/{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Placeholder();
}
