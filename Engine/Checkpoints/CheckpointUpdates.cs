using System.Globalization;
using AutogradCore.Optim;

namespace AutogradCore;

/// <summary>What a checkpoint's metadata says of each parameter: <c>optimizer.&lt;parameter&gt;</c> is the type of the optimizer
/// that updates it, and how often it did, such as <c>AdamW 1000</c>.</summary>
internal static class CheckpointUpdates
{
    /// <summary>Notes the optimizer of a parameter and the number of its updates.</summary>
    public static void Write(SafetensorsWriter writer, Optimizer optimizer, Parameter parameter) =>
        writer.Metadata[Key(parameter)] =
            string.Create(CultureInfo.InvariantCulture, $"{optimizer.GetType().Name} {optimizer.UpdateCount(parameter)}");

    /// <summary>How often a parameter has been updated; null where the file does not say.</summary>
    /// <exception cref="CheckpointException">Another type of optimizer updated it, or the number is none.</exception>
    public static int? Read(SafetensorsFile file, Optimizer optimizer, Parameter parameter)
    {
        if (!file.Metadata.TryGetValue(Key(parameter), out string? text))
            return file.Metadata.ContainsKey($"nostate.{parameter.Name}") ? 0 : null; // What earlier versions wrote.
        int space = text.LastIndexOf(' ');
        string written = text[..Math.Max(space, 0)], type = optimizer.GetType().Name;
        if (written != type)
            throw new CheckpointException(file.Path, null,
                $"says that {(written.Length > 0 ? written : $"'{text}'")} updates parameter '{parameter.Name}', and it is to be "
                + $"loaded into {type}.",
                hint: "Load it into the optimizer that wrote it; without optimizers, the model alone loads.");
        if (int.TryParse(text.AsSpan(space + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int count)) return count;
        throw new CheckpointException(file.Path, null, $"has '{text}' as the updates of parameter '{parameter.Name}'.",
            hint: "The file is damaged or was written by something else; use another checkpoint.");
    }

    private static string Key(Parameter parameter) => $"optimizer.{parameter.Name}";
}
