using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace NfceSync.Core;

/// <summary>What kind of failure an error is; the cmdlets turn it into an <c>ErrorCategory</c>.</summary>
public enum NfceErrorCategory
{
    /// <summary>Something given by the user is not acceptable.</summary>
    InvalidArgument,

    /// <summary>A document, a reply or a stored value is not what it must be.</summary>
    InvalidData,

    /// <summary>What was named does not exist.</summary>
    ObjectNotFound,

    /// <summary>Access was refused by the system.</summary>
    PermissionDenied,

    /// <summary>Another run holds what is needed.</summary>
    ResourceBusy,

    /// <summary>A file, disk or database cannot be used.</summary>
    ResourceUnavailable,

    /// <summary>SEFAZ or the network could not be reached.</summary>
    ConnectionError,

    /// <summary>A certificate or signature is not acceptable.</summary>
    SecurityError,

    /// <summary>The act is not allowed in the present state.</summary>
    InvalidOperation,
}

/// <summary>
/// The one exception of the core that is meant for a user: a stable id, a category, the user's own value it is
/// about, and a message in the user's language that says what to do next.
/// </summary>
public sealed class NfceSyncException : Exception
{
    /// <summary>Makes the exception; its message is the text <paramref name="errorId"/> in the user's language.</summary>
    /// <param name="errorId">One of <see cref="ErrorIds"/>; a text of the same name must exist.</param>
    /// <param name="category">What kind of failure it is.</param>
    /// <param name="target">The user's own value (an access key, a store's name, a path), or null.</param>
    /// <param name="args">What the message's placeholders stand for.</param>
    public NfceSyncException(string errorId, NfceErrorCategory category, object? target, params object?[] args)
        : this(null, errorId, category, target, args)
    {
    }

    /// <summary>As above, with the exception that caused it.</summary>
    /// <param name="inner">The cause.</param>
    /// <param name="errorId">One of <see cref="ErrorIds"/>.</param>
    /// <param name="category">What kind of failure it is.</param>
    /// <param name="target">The user's own value, or null.</param>
    /// <param name="args">What the message's placeholders stand for.</param>
    public NfceSyncException(Exception? inner, string errorId, NfceErrorCategory category, object? target, params object?[] args)
        : base(Texts.Get(errorId, args), inner)
    {
        ErrorId = errorId;
        Category = category;
        Target = target;
        TextArgs = args.Select(arg => Convert.ToString(arg, CultureInfo.CurrentCulture) ?? string.Empty).ToArray();
    }

    /// <summary>The stable id, e.g. <c>NfcePfxWrongPassword</c>.</summary>
    public string ErrorId { get; }

    /// <summary>What kind of failure it is.</summary>
    public NfceErrorCategory Category { get; }

    /// <summary>The user's own value the error is about, or null.</summary>
    public object? Target { get; }

    /// <summary>What the message's placeholders stand for, to be kept with the id.</summary>
    internal IReadOnlyList<string> TextArgs { get; }
}
