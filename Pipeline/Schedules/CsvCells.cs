namespace AutogradCore.Pipeline;

/// <summary>Reads CSV (RFC 4180) cell by cell, with memory for one cell. A cell may be quoted, and ends on its line.</summary>
/// <remarks>Spaces around cells are dropped. Blank lines and lines that start with <c>#</c> are no rows.</remarks>
internal sealed class CsvCells(TextReader text, string name)
{
    private const int Longest = 200; // no action is as long, and an error quotes no more
    private const int End = -1;

    private readonly char[] _cell = new char[Longest];
    private int _row, _column;
    private bool _inRow;

    /// <summary>Goes to the next row, at first to the first; false after the last.</summary>
    internal bool NextRow()
    {
        while (_inRow)
            NextCell(out _);
        while (true)
        {
            var next = text.Peek();
            if (next == End)
                return false;
            if (next == '#')
                while (text.Peek() is not ('\n' or '\r' or End))
                    text.Read();
            else if (next == '\uFEFF' || char.IsWhiteSpace((char)next))
                text.Read();
            else
                break;
        }
        (_row, _column, _inRow) = (_row + 1, 0, true);
        return true;
    }

    /// <summary>Reads the next cell of the row; false after its last. The text is valid until the next call.</summary>
    /// <exception cref="ScheduleFormatException">A quote is not closed, or the cell is too long for any action.</exception>
    internal bool NextCell(out ReadOnlySpan<char> cell)
    {
        cell = default;
        if (!_inRow)
            return false;
        _column++;
        while (text.Peek() is ' ' or '\t')
            text.Read();
        var length = text.Peek() == '"' ? ReadQuoted() : ReadPlain(0);
        cell = _cell.AsSpan(0, length).Trim();
        _inRow = text.Read() == ',';
        return true;
    }

    /// <summary>The error for a cell that is something else than expected.</summary>
    internal ScheduleFormatException Wrong(ReadOnlySpan<char> cell, int position, string expected) =>
        new(cell.ToString(), position, expected, $"{name}, row {_row}, cell {_column}");

    private int ReadPlain(int length)
    {
        while (text.Peek() is not (',' or '\n' or '\r' or End))
            length = Append(length);
        return length;
    }

    private int ReadQuoted()
    {
        text.Read();
        var length = 0;
        while (true)
        {
            switch (text.Peek())
            {
                case '\n' or '\r' or End:
                    throw Wrong(_cell.AsSpan(0, length), length, "a closing quote");
                case '"':
                    text.Read();
                    if (text.Peek() == '"')
                        break; // two quotes stand for one
                    var end = ReadPlain(length);
                    return _cell.AsSpan(length..end).IsWhiteSpace()
                        ? length
                        : throw Wrong(_cell.AsSpan(0, end), length, "a comma after the closing quote");
            }
            length = Append(length);
        }
    }

    private int Append(int length)
    {
        if (length == Longest)
            throw Wrong(_cell, 0, "an action");
        _cell[length] = (char)text.Read();
        return length + 1;
    }
}
