using System.Management.Automation;

using NfceSync.Core;

namespace NfceSync.PowerShell;

/// <summary>How an error of the core is shown by PowerShell.</summary>
internal static class ErrorRecords
{
    /// <summary>The record: the error's stable id, its category, and the user's own value as the target.</summary>
    public static ErrorRecord From(NfceSyncException exception) =>
        new(exception, exception.ErrorId, Category(exception.Category), exception.Target);

    private static ErrorCategory Category(NfceErrorCategory category) => category switch
    {
        NfceErrorCategory.InvalidArgument => ErrorCategory.InvalidArgument,
        NfceErrorCategory.InvalidData => ErrorCategory.InvalidData,
        NfceErrorCategory.ObjectNotFound => ErrorCategory.ObjectNotFound,
        NfceErrorCategory.PermissionDenied => ErrorCategory.PermissionDenied,
        NfceErrorCategory.ResourceBusy => ErrorCategory.ResourceBusy,
        NfceErrorCategory.ResourceUnavailable => ErrorCategory.ResourceUnavailable,
        NfceErrorCategory.ConnectionError => ErrorCategory.ConnectionError,
        NfceErrorCategory.SecurityError => ErrorCategory.SecurityError,
        NfceErrorCategory.InvalidOperation => ErrorCategory.InvalidOperation,
        _ => ErrorCategory.NotSpecified,
    };
}
